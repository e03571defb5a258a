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
    "No range is told, since the mask was edited.": "掩膜经过编辑，因此未给出范围。",
    "No range is told: the package was not calibrated for it.": "未给出范围：模型包未为此校准。",
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
    "a mask that was given": "所提供的掩膜",
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
    "Limits": "局限",
    "Dice, test": "Dice（测试）",
    "Dice, validation": "Dice（验证）",
    "{} (mean of {} cases)": "{}（{} 个病例的均值）",
    "Accuracy and limits stand in the package's card (models show {}).": "准确度与局限见模型卡（models show {}）。",
    "Versions": "版本",
    "package, SHA-256": "模型包 SHA-256",
    # the page of two results
    "Brain tumor segmentation: two examinations": "脑肿瘤分割：两次检查对比",
    "Page made": "页面生成时间",
    "Before": "之前",
    "After": "之后",
    "{}, {}": "{}，{}",
    ", {}": "，{}",
    "new {} {}": "新发 {} {}",
    "vanished {} {}": "消失 {} {}",
    "The networks know no treated brain: they were made for glioma before any treatment.":
        "网络不了解治疗后的脑：其适用于任何治疗之前的胶质瘤。",
    "After an operation, radiation or drugs they may take a cavity, blood, scar or the effect of treatment for tumor, "
    "or miss tumor. Look at both masks before you read a change from them. No response is told: that takes more than "
    "masks.":
        "在手术、放疗或药物治疗之后，它们可能把残腔、出血、瘢痕或治疗反应当作肿瘤，也可能漏掉肿瘤。"
        "在解读变化之前请查看两次的掩膜。不给出疗效评价：仅凭掩膜不足以判断。",
    "The two examinations": "两次检查",
    "Grid": "体素网格",
    "Change": "变化",
    "Sum of products of target lesions, mm²": "靶病灶乘积之和 (mm²)",
    "Number of lesions": "病灶数量",
    "New lesions": "新发病灶",
    "Vanished lesions": "消失的病灶",
    "To the nearest other": "与另一次最近病灶的距离",
    "none": "无",
    "None.": "无。",
    "{} more are not listed.": "另有 {} 个未列出。",
    "A lesion counts as new or vanished where it lies farther than {} mm from all lesions of its region in the other "
    "examination.": "若病灶与另一次检查中同一区域的所有病灶相距超过 {} mm，则视为新发或消失。",
    "Side by side": "并排对比",
    "No registration fitted better: both examinations are shown as the scanner says.":
        "没有更好的配准结果：两次检查均按扫描仪坐标显示。",
    "Both examinations lie in one place: nothing was registered.": "两次检查位置一致：未进行配准。",
    "The earlier reference was registered to the later one, rigidly: moved by {} mm, turned by {}°.":
        "较早的参考图像已刚性配准到较晚的参考图像：移动 {} mm，旋转 {}°。",
    "The two results are of different model packages: part of the change may be theirs.":
        "两个结果来自不同的模型包：部分变化可能由此造成。",
    "The two results lie on different sequences: {} and {}.": "两个结果所在的参考序列不同：{} 和 {}。",
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
    # findings: messages and advice
    "{} voxels are NaN or infinite.": "{} 个体素为 NaN 或无穷大。",
    "Export it again; where forced, they count as 0.": "请重新导出；若强制继续，则按 0 处理。",
    "1 voxel is NaN or infinite.": "1 个体素为 NaN 或无穷大。",
    "the image is constant: every voxel is {}.": "图像为常数：每个体素均为 {}。",
    "Choose the image itself.": "请选择图像本身。",
    "the image is empty: every voxel is {}.": "图像为空：每个体素均为 {}。",
    "only {} values beside 0, like a label map or a mask.": "除 0 外只有 {} 个值，像标签图或掩膜。",
    "only 1 value beside 0, like a label map or a mask.": "除 0 外只有 1 个值，像标签图或掩膜。",
    "the image is all but empty: it shows {}, where the others show brain.":
        "图像几乎为空：仅显示 {}，而其他图像显示脑部。",
    "Choose the image itself, and check its voxel spacing.": "请选择图像本身，并检查体素间距。",
    "the image is all but empty: it shows {}.": "图像几乎为空：仅显示 {}。",
    "the background is {}, not 0; it is taken as 0.": "背景值为 {}，而非 0；按 0 处理。",
    "the brain has {} ({} mm), which is no brain's size; its spacing seems to be in {} and was read as mm.":
        "脑部为 {}（{} mm），不是脑的大小；其间距似乎以 {} 为单位，却按 mm 读取。",
    "Correct the voxel spacing, or choose the whole brain.": "请更正体素间距，或选择整个脑部。",
    "the brain has {} ({} mm), which is no brain's size.": "脑部为 {}（{} mm），不是脑的大小。",
    "the image looks not skull-stripped: {} ml of it are not 0.": "图像似乎未去除颅骨：其中 {} ml 不为 0。",
    "Remove the skull first, for instance with HD-BET or SynthStrip; outside the brain all must be 0.":
        "请先去除颅骨，例如用 HD-BET 或 SynthStrip；脑外必须全部为 0。",
    "only {} ml of brain, suspiciously little.": "脑部仅 {} ml，少得可疑。",
    "Check the brain mask and the voxel spacing.": "请检查脑掩膜和体素间距。",
    "the brain measures {} mm, which is no brain's shape.": "脑部尺寸为 {} mm，不是脑的形状。",
    "Check the voxel spacing and that the whole brain is there.": "请检查体素间距，并确认包含整个脑部。",
    "the image is noise: neighboring voxels have nothing to do with each other (correlation {}).":
        "图像为噪声：相邻体素互不相关（相关系数 {}）。",
    "Convert or export it again.": "请重新转换或导出。",
    "{} % of the brain have its largest value, {}.": "脑部 {} % 的体素为其最大值 {}。",
    "Export it without clipping its intensities.": "请导出未截断强度的图像。",
    "the voxel spacing of {} mm is unusual.": "体素间距 {} mm 不同寻常。",
    "Check it; the networks need slices of a few mm at most.": "请检查；网络需要层厚至多几毫米的图像。",
    "the slices are thick ({} mm), so that fine structures are lost.": "层厚较大（{} mm），细微结构会丢失。",
    "the grid is another than that of {}: {}.": "体素网格与 {} 不同：{}。",
    "It is resampled; check that both show the same place.": "已重采样；请检查两者显示的是同一部位。",
    "the axes are stored otherwise ({}) than those of {} ({}); they are turned by the header.":
        "坐标轴的存储方式（{}）与 {}（{}）不同；已按文件头转换。",
    "the image is the same as that given for {}.": "该图像与 {} 的图像相同。",
    "Give each modality its own image.": "请为每个序列提供各自的图像。",
    "the image overlaps with that of {} hardly in space.": "该图像与 {} 在空间上几乎不重叠。",
    "Choose images of one examination, registered to each other.": "请选择同一次检查中相互配准的图像。",
    "the image overlaps with that of {} not at all in space.": "该图像与 {} 在空间上完全不重叠。",
    "only {} % of the brain in {} are covered.": "仅覆盖 {1} 中脑部的 {0} %。",
    "What is not covered is judged without it.": "未覆盖部分在缺少该图像的情况下判断。",
    "the brain fits that in {} badly (Dice {}).": "脑部与 {} 中的脑部吻合不佳（Dice {}）。",
    "Register the images to each other first.": "请先将图像相互配准。",
    "the image looks mirrored {} against {}.": "图像相对 {1} 似乎镜像翻转（{0}）。",
    "Look at them side by side, and convert it again.": "请并排查看，并重新转换。",
    "there is no such volume; the model goes on without it.": "没有该图像；模型在缺少它的情况下继续。",
    "registered to {}: moved by {} mm on average and turned by {} degrees.":
        "已配准到 {}：平均移动 {} mm，旋转 {} 度。",
    "Check that both are of one examination.": "请检查两者是否属于同一次检查。",
    "lies in place: registration would move it by less than {} mm, so it was left alone.":
        "位置一致：配准移动量小于 {} mm，因此未作改动。",
    "no place was found where it fits {} better; it stays as the scanner says.":
        "未找到与 {} 更吻合的位置；保持扫描仪坐标。",
    "Look at both side by side.": "请并排查看两者。",
    "the image lies {} mm from {} on average and is turned by {} degrees.":
        "该图像与 {1} 平均相距 {0} mm，旋转 {2} 度。",
    "the image is about {} % brighter on the patient's {} than on the other side.": "图像在患者{1}比另一侧约亮 {0} %。",
    "the shading was corrected by N4, which may take a tumor for a bright field and weaken it.":
        "已用 N4 校正亮度不均；N4 可能把肿瘤当作亮区而使其减弱。",
    "Compare with the answer without it.": "请与未校正的结果比较。",
    "Such shading misleads the networks; look at the answer with care, or try --n4.":
        "这种亮度不均会误导网络；请仔细查看结果，或尝试 --n4。",
    "The answer is less sure than with all four.": "结果不如使用全部四个图像时可靠。",
    "the image has a skull; it is removed before anything is computed.": "图像带有颅骨；计算之前会先将其去除。",
    "It is registered to {} first.": "会先将其配准到 {}。",
    "left": "左侧",
    "right": "右侧",
    "left to right": "左右方向",
    "front to back": "前后方向",
    "top to bottom": "上下方向",
    "there is no such volume. Give all four.": "没有该图像。请提供全部四个图像。",
    "only {} slices that cover {} mm, no whole brain.": "只有 {} 层，覆盖 {} mm，不是完整的脑部。",
    "Choose the whole series, not a localizer or a part.": "请选择完整的序列，而不是定位像或其中一部分。",
    # the input check's reasons
    "{} is missing or has no contrast.": "{} 缺失或没有对比度。",
    "{} and {} hold the same image.": "{} 与 {} 是同一图像。",
    "{} and {} look swapped.": "{} 与 {} 似乎互换了。",
    "What was given as {} looks like {}.": "作为 {} 提供的图像看起来像 {}。",
    "{} looks noisier than in {} % of the cases that this package was calibrated on.":
        "{} 的噪声高于校准病例的 {} %。",
    "{} looks less noisy than in {} % of the cases that this package was calibrated on.":
        "{} 的噪声低于校准病例的 {} %。",
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
    "Strong shading in {}: about {} times as bright at the {} as at the {}, more than in {} % of the cases that"
    " this package was calibrated on.": "{0} 亮度严重不均：{2} 侧亮度约为 {3} 侧的 {1} 倍，高于校准病例的 {4} %。",
    "There is a cavity of {} ml filled with fluid on one side, as after an operation, more than in {} % o"
    "f the cases that this package was calibrated on; this package learned from brains before one.":
        "一侧有 {} ml 充满液体的空腔，如同术后，多于校准病例的 {} %；该模型以术前脑部训练。",
    "There is no brain in these images.": "这些图像中没有脑部。",
    "No tumor was found, and this package learned from brains with one: a healthy brain may look like this.":
        "未发现肿瘤，而该模型以有肿瘤的脑部训练：健康的脑部可能如此。",
    "What the images show does not have the shape of a brain: it may be another part of the body.":
        "图像内容不具有脑部的形状：可能是身体的其他部位。",
    "The brain is longer from front to back than in {} % of the cases that this package was calibrated on.":
        "脑部前后径大于校准病例的 {} %。",
    "The brain is shorter from front to back than in {} % of the cases that this package was calibrated on.":
        "脑部前后径小于校准病例的 {} %。",
    "The brain is taller from feet to head than in {} % of the cases that this package was calibrated on.":
        "脑部上下径大于校准病例的 {} %。",
    "The brain is shorter from feet to head than in {} % of the cases that this package was calibrated on.":
        "脑部上下径小于校准病例的 {} %。",
    "The brain's right and left side differ more than in {} % of the cases that this package was calibrated on.":
        "脑部左右差异大于校准病例的 {} %。",
    "The brain's right and left side differ less than in {} % of the cases that this package was calibrated on.":
        "脑部左右差异小于校准病例的 {} %。",
    "What was found as tumor is larger than in {} % of the cases that this package was calibrated on.":
        "所发现的肿瘤大于校准病例的 {} %。",
    "What was found as tumor is smaller than in {} % of the cases that this package was calibrated on.":
        "所发现的肿瘤小于校准病例的 {} %。",
    "What was found stands out more from the brain than in {} % of the cases that this package was calibrated on.":
        "所发现的部分与脑部的对比高于校准病例的 {} %。",
    "What was found stands out less from the brain than in {} % of the cases that this package was calibrated on.":
        "所发现的部分与脑部的对比低于校准病例的 {} %。",
}  # fmt: skip
"""English sentence, `{}` for any words -> Chinese, of what the library says of a case; others stay English."""
