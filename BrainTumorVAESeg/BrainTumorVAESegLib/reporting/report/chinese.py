"""The reports' texts in Chinese: the pages' own phrases, and the sentences that the library says of a case.

A `{}` stands for what changes; where Chinese orders it otherwise, `{0}`, `{1}` number it.
"""

from __future__ import annotations

PHRASES: dict[str, str] = {
    "Brain tumor segmentation: report": "脑肿瘤分割报告",
    "Case code": "病例代码",
    "For research use only. Not a medical device.": "仅供研究使用，并非医疗器械。",
    "A person who can read the images must check every outline.": "每条轮廓都必须由能够判读图像的人员核对。",
    "Case": "病例",
    "Patient": "患者",
    "Patient ID": "患者编号",
    "Born": "出生日期",
    "Examined": "检查日期",
    "Segmented by": "分割模型",
    "On": "计算设备",
    ", {} s": "，{} 秒",
    "Report made": "报告生成时间",
    "Input check": "输入检查",
    "Not judged: the model package was not calibrated for the input check.":
        "未作判断：该模型包未针对输入检查进行校准。",
    "The images look like those that the model learned from.": "图像与模型的训练数据相似。",
    "The images are unusual among those that the model learned from.": "与模型的训练数据相比，图像不同寻常。",
    "The images are unlike those that the model learned from: do not rely on the result.":
        "图像与模型的训练数据不相似：请勿依赖此结果。",
    "The mask was edited after it was segmented: volumes and measures are those of the edited mask.":
        "分割后掩膜经过编辑：体积和测量值均来自编辑后的掩膜。",
    "No tumor was found: the segmentation is empty.": "未发现肿瘤：分割结果为空。",
    "Volumes": "体积",
    "Structure": "结构",
    "Volume, ml": "体积 (ml)",
    "Probable range, ml": "可能范围 (ml)",
    "The range is made to hold the true volume in {} % of cases like those it was calibrated on.":
        "对于与校准数据相似的病例，该范围应在 {} % 的情况下包含真实体积。",
    "No range is told: the mask was edited, or the package was not calibrated for it.":
        "未给出范围：掩膜经过编辑，或模型包未为此校准。",
    "Whole tumor": "全肿瘤",
    "Tumor core": "肿瘤核心",
    "Enhancing tumor": "强化肿瘤",
    "Necrotic and non-enhancing core": "坏死与非强化核心",
    "Edema": "水肿",
    "The tumor in 3D": "肿瘤的三维视图",
    "Seen from the front, the patient's left and above.": "从患者的前方、左侧和上方观察。",
    "The 3D view is left out: {}.": "未包含三维视图：{}。",
    "it was not asked for": "未要求生成",
    "there is no tumor to show": "没有可显示的肿瘤",
    "VTK is not installed (pip install vtk)": "未安装 VTK（pip install vtk）",
    "VTK cannot draw on this machine": "VTK 无法在本机上绘图",
    "VTK did not draw in time": "VTK 未能及时完成绘图",
    "Lesions and diameters": "病灶与径线",
    "Lesion": "病灶",
    "Diameters, mm": "径线 (mm)",
    "Product, mm²": "乘积 (mm²)",
    "3D, mm": "三维最大径 (mm)",
    "Side": "侧别",
    "Slice": "切片",
    "After RANO 2.0": "按 RANO 2.0",
    "target": "靶病灶",
    "measurable": "可测量",
    "not measurable": "不可测量",
    "left": "左侧",
    "right": "右侧",
    "There is nothing to measure.": "没有可测量的内容。",
    "{}: lesions {}, targets {}, sum of their products {} mm².": "{}：病灶 {} 个，靶病灶 {} 个，其乘积之和为 {} mm²。",
    "Of the tumor core {} % enhance, {} % do not.": "肿瘤核心中 {} % 强化，{} % 不强化。",
    "Most of the tumor lies on the {} ({} % of it left of the midline).": "肿瘤大部分位于{}（{} % 位于中线左侧）。",
    "It reaches {} mm across the midline.": "越过中线 {} mm。",
    "It does not cross the midline.": "未越过中线。",
    "No plane of symmetry was found: no side is told.": "未找到对称平面：不给出侧别。",
    "Slices are tilted by {}° against the axial plane.": "切片相对轴位平面倾斜 {}°。",
    "Diameters: the longest in an axial slice, and the longest at a right angle to it there. Measurable: both at least "
    "10 mm, seen in two slices. Targets: up to three. At most five lesions of a region are listed; slices count from "
    "0.":
        "径线：轴位切片中的最长径，以及同一切片中与之垂直的最长径。可测量：两者均不小于 10 mm 且至少见于两个切片。"
        "靶病灶：至多三个。每个区域最多列出五个病灶；切片从 0 开始计数。",
    "Key slices": "关键切片",
    "Radiological view: the patient's right on the left.": "放射学视角：图像左侧为患者右侧。",
    "{} mm right": "右 {} mm",
    "{} mm left": "左 {} mm",
    "{} mm anterior": "前 {} mm",
    "{} mm posterior": "后 {} mm",
    "{} mm inferior": "下 {} mm",
    "{} mm superior": "上 {} mm",
    "Images": "图像",
    "Sequence": "序列",
    "Voxels, spacing, axes": "体素、间距、坐标轴",
    "File or series": "文件或序列",
    "reference": "参考",
    "series": "序列",
    "{} files": "{} 个文件",
    "frame {}": "第 {} 帧",
    "file name withheld": "文件名未显示",
    "What the check found": "检查发现",
    "Nothing.": "无。",
    "What was prepared": "图像准备",
    "No image was registered: they were taken to lie in one place.": "未进行配准：各图像被视为位置一致。",
    "{} was registered to the reference: moved by {} mm, turned by {}°.": "{} 已配准到参考图像：移动 {} mm，旋转 {}°。",
    "{} lay in place.": "{} 位置一致，无需配准。",
    "{} was left as it lay: no registration fitted better.": "{} 保持原位：没有更好的配准结果。",
    "The brain mask comes from {} and has {} ml.": "脑掩膜来自 {}，体积为 {} ml。",
    "No brain mask was made: the images were taken to be skull-stripped.": "未生成脑掩膜：图像被视为已去除颅骨。",
    "Shading was corrected (N4) in {}.": "已对 {} 进行亮度不均校正（N4）。",
    "The networks saw the brain at {} mm, its intensities z-scored.":
        "网络在 {} mm 网格上处理经 z 分数归一化的脑部图像。",
    "The mask lies on the reference image's own grid.": "掩膜位于参考图像自身的体素网格上。",
    "The model in brief": "模型简介",
    "Model": "模型",
    "The package is not at hand, so that its card cannot be told.": "模型包不在本机，无法显示其模型卡。",
    "Made for": "适用范围",
    "Networks": "网络",
    "Reads": "输入序列",
    "; ": "；",
    ": ": "：",
    "stage {}: {}, {} filters, {} mm": "第 {} 阶段：{}，{} 个滤波器，{} mm",
    "U-Net": "U-Net",
    "VAE-regularized U-Net": "经 VAE 正则化的 U-Net",
    "VAE-regularized U-Net with attention gates": "带注意力门、经 VAE 正则化的 U-Net",
    "SegResNet": "SegResNet",
    "Can do without": "可缺少",
    "Thresholds": "阈值",
    "Trained on": "训练数据",
    "{} cases, named in its card": "{} 个病例，名称见模型卡",
    "Measured": "测评",
    "Accuracy and limits stand in the package's card (models show {}).": "准确度与局限见模型卡（models show {}）。",
    "Versions": "版本",
    "package, SHA-256": "模型包 SHA-256",
}  # fmt: skip
"""English -> Chinese, of the pages' own phrases."""

SENTENCES: dict[str, str] = {
    # what a package is for
    "Made for pre-operative glioma of adults. For research use only; not a medical device.":
        "适用于成人术前胶质瘤。仅供研究使用；并非医疗器械。",
    "Pre-operative glioma of adults, from T1, T1ce, T2 and FLAIR. For research only; this is not a medical device.":
        "成人术前胶质瘤，使用 T1、T1ce、T2 和 FLAIR。仅供研究；并非医疗器械。",
    # a result's notes
    "No tumor was found: the segmentation is empty.": "未发现肿瘤：分割结果为空。",
    "Segmented without {}: the answer is less sure than with all four images.":
        "分割时缺少 {}：结果不如使用全部四个图像时可靠。",
    "Stage 2 was not used: stage 1's answer stands.": "未使用第二阶段：以第一阶段的结果为准。",
    "{} small part of the answer ({} ml in all) was left out.": "去除了结果中 {} 个小块（共 {} ml）。",
    "{} small parts of the answer ({} ml in all) were left out.": "去除了结果中 {} 个小块（共 {} ml）。",
    "{} ml that the tumor or its core encloses were filled.": "填充了肿瘤或其核心所包围的 {} ml。",
    # findings: a message and its advice, joined by a space
    "{} voxels are NaN or infinite. Export it again; where forced, they count as 0.":
        "{} 个体素为 NaN 或无穷大。请重新导出；若强制继续，则按 0 处理。",
    "1 voxel is NaN or infinite. Export it again; where forced, they count as 0.":
        "1 个体素为 NaN 或无穷大。请重新导出；若强制继续，则按 0 处理。",
    "the image is constant: every voxel is {}. Choose the image itself.":
        "图像为常数：每个体素均为 {}。请选择图像本身。",
    "the image is empty: every voxel is {}. Choose the image itself.": "图像为空：每个体素均为 {}。请选择图像本身。",
    "only {} values beside 0, like a label map or a mask. Choose the image itself.":
        "除 0 外只有 {} 个值，像标签图或掩膜。请选择图像本身。",
    "only 1 value beside 0, like a label map or a mask. Choose the image itself.":
        "除 0 外只有 1 个值，像标签图或掩膜。请选择图像本身。",
    "the image is all but empty: it shows {}, where the others show brain. Choose the image itself, and check its "
    "voxel spacing.": "图像几乎为空：仅显示 {}，而其他图像显示脑部。请选择图像本身，并检查体素间距。",
    "the image is all but empty: it shows {}. Choose the image itself, and check its voxel spacing.":
        "图像几乎为空：仅显示 {}。请选择图像本身，并检查体素间距。",
    "the background is {}, not 0; it is taken as 0.": "背景值为 {}，而非 0；按 0 处理。",
    "the brain has {} ({} mm), which is no brain's size; its spacing seems to be in {} and was read as mm. Correct the "
    "voxel spacing, or choose the whole brain.":
        "脑部为 {}（{} mm），不是脑的大小；其间距似乎以 {} 为单位，却按 mm 读取。请更正体素间距，或选择整个脑部。",
    "the brain has {} ({} mm), which is no brain's size. Correct the voxel spacing, or choose the whole brain.":
        "脑部为 {}（{} mm），不是脑的大小。请更正体素间距，或选择整个脑部。",
    "the image looks not skull-stripped: {} ml of it are not 0. Remove the skull first, for instance with HD-BET or "
    "SynthStrip; outside the brain all must be 0.":
        "图像似乎未去除颅骨：其中 {} ml 不为 0。请先去除颅骨，例如用 HD-BET 或 SynthStrip；脑外必须全部为 0。",
    "only {} ml of brain, suspiciously little. Check the brain mask and the voxel spacing.":
        "脑部仅 {} ml，少得可疑。请检查脑掩膜和体素间距。",
    "the brain measures {} mm, which is no brain's shape. Check the voxel spacing and that the whole brain is there.":
        "脑部尺寸为 {} mm，不是脑的形状。请检查体素间距，并确认包含整个脑部。",
    "the image is noise: neighboring voxels have nothing to do with each other (correlation {}). Convert or export it "
    "again.": "图像为噪声：相邻体素互不相关（相关系数 {}）。请重新转换或导出。",
    "{} % of the brain have its largest value, {}. Export it without clipping its intensities.":
        "脑部 {} % 的体素为其最大值 {}。请导出未截断强度的图像。",
    "the voxel spacing of {} mm is unusual. Check it; the networks need slices of a few mm at most.":
        "体素间距 {} mm 不同寻常。请检查；网络需要层厚至多几毫米的图像。",
    "the slices are thick ({} mm), so that fine structures are lost.": "层厚较大（{} mm），细微结构会丢失。",
    "the grid is another than that of {}: {}. It is resampled; check that both show the same place.":
        "体素网格与 {} 不同：{}。已重采样；请检查两者显示的是同一部位。",
    "the axes are stored otherwise ({}) than those of {} ({}); they are turned by the header.":
        "坐标轴的存储方式（{}）与 {}（{}）不同；已按文件头转换。",
    "the image is the same as that given for {}. Give each modality its own image.":
        "该图像与 {} 的图像相同。请为每个序列提供各自的图像。",
    "the image overlaps with that of {} hardly in space. Choose images of one examination, registered to each other.":
        "该图像与 {} 在空间上几乎不重叠。请选择同一次检查中相互配准的图像。",
    "the image overlaps with that of {} not at all in space. Choose images of one examination, registered to each "
    "other.":
        "该图像与 {} 在空间上完全不重叠。请选择同一次检查中相互配准的图像。",
    "only {} % of the brain in {} are covered. What is not covered is judged without it.":
        "仅覆盖 {1} 中脑部的 {0} %。未覆盖部分在缺少该图像的情况下判断。",
    "the brain fits that in {} badly (Dice {}). Register the images to each other first.":
        "脑部与 {} 中的脑部吻合不佳（Dice {}）。请先将图像相互配准。",
    "the image looks mirrored {} against {}. Look at them side by side, and convert it again.":
        "图像相对 {1} 似乎镜像翻转（{0}）。请并排查看，并重新转换。",
    "left to right": "左右方向",
    "front to back": "前后方向",
    "top to bottom": "上下方向",
    "there is no such volume. Give all four.": "没有该图像。请提供全部四个图像。",
    # the input check's reasons
    "{} is missing or has no contrast.": "{} 缺失或没有对比度。",
    "{} and {} hold the same image.": "{} 与 {} 是同一图像。",
    "{} and {} look swapped.": "{} 与 {} 似乎互换了。",
    "What was given as {} looks like {}.": "作为 {} 提供的图像看起来像 {}。",
    "{} looks noisier than in {} % of the cases that this package was calibrated on.":
        "{} 的噪声高于校准病例的 {} %。",
    "{} looks less noisy than in {} % of the cases that this package was calibrated on.":
        "{} 的噪声低于校准病例的 {} %。",
    "{} looks more shaded (bias field) than in {} % of the cases that this package was calibrated on.":
        "{} 的亮度不均（偏置场）高于校准病例的 {} %。",
    "{} looks less shaded than in {} % of the cases that this package was calibrated on.":
        "{} 的亮度不均低于校准病例的 {} %。",
    "{} looks more as if the head had moved than in {} % of the cases that this package was calibrated on.":
        "{} 的头动迹象多于校准病例的 {} %。",
    "{} looks less as if the head had moved than in {} % of the cases that this package was calibrated on.":
        "{} 的头动迹象少于校准病例的 {} %。",
    "{} looks more as if of thick slices than in {} % of the cases that this package was calibrated on.":
        "{} 的厚层迹象多于校准病例的 {} %。",
    "{} looks less as if of thick slices than in {} % of the cases that this package was calibrated on.":
        "{} 的厚层迹象少于校准病例的 {} %。",
    "{} lacks more of the brain (field of view) than in {} % of the cases that this package was calibrated on.":
        "{} 缺少的脑部（视野）多于校准病例的 {} %。",
    "{} lacks less of the brain than in {} % of the cases that this package was calibrated on.":
        "{} 缺少的脑部少于校准病例的 {} %。",
    "{} is given back less well by the VAE than in {} % of the cases that this package was calibrated on.":
        "VAE 对 {} 的重建差于校准病例的 {} %。",
    "{} is given back better by the VAE than in {} % of the cases that this package was calibrated on.":
        "VAE 对 {} 的重建好于校准病例的 {} %。",
    "The brain is larger than in {} % of the cases that this package was calibrated on.": "脑部大于校准病例的 {} %。",
    "The brain is smaller than in {} % of the cases that this package was calibrated on.": "脑部小于校准病例的 {} %。",
    "The brain fills more of its box than in {} % of the cases that this package was calibrated on.":
        "脑部在其外接框中所占比例高于校准病例的 {} %。",
    "The brain fills less of its box than in {} % of the cases that this package was calibrated on.":
        "脑部在其外接框中所占比例低于校准病例的 {} %。",
    "The VAE's latent lies farther from the training cases' than in {} % of the cases that this package was calibrated "
    "on.": "VAE 潜变量与训练病例的距离大于校准病例的 {} %。",
    "The VAE's latent lies nearer than in {} % of the cases that this package was calibrated on.":
        "VAE 潜变量与训练病例的距离小于校准病例的 {} %。",
    "The field of view cuts the brain, towards the {}, more than in {} % of the cases that this package was calibrated "
    "on.": "视野在 {} 方向截断的脑部多于校准病例的 {} %。",
}  # fmt: skip
"""English sentence, `{}` for any words -> Chinese, of what the library says of a case; others stay English."""
