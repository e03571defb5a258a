"""In Chinese, the sentences that the library says of a case: what checks found, the input check's reasons, notes.

A `{}` stands for any words, which are looked up in turn; where Chinese orders them otherwise, `{0}`, `{1}` number them.
The first sentence that fits is taken.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # what a package is for
    "Made for pre-operative glioma of adults. For research use only; not a medical device.":
        "适用于成人术前胶质瘤。仅供研究使用；并非医疗器械。",
    "Pre-operative glioma of adults, from T1, T1ce, T2 and FLAIR. For research only; this is not a medical device.":
        "成人术前胶质瘤，使用 T1、T1ce、T2 和 FLAIR。仅供研究；并非医疗器械。",
    "Made for pre-operative glioma of adults.": "适用于成人术前胶质瘤。",
    "Pre-operative glioma of adults, from T1, T1ce, T2 and FLAIR.": "成人术前胶质瘤，使用 T1、T1ce、T2 和 FLAIR。",
    # a result's notes
    "No tumor was found: the segmentation is empty.": "未发现肿瘤：分割结果为空。",
    "Segmented without {}: the answer is less sure than with all four images.":
        "分割时缺少 {}：结果不如使用全部四个图像时可靠。",
    "Stage 2 was not used: stage 1's answer stands.": "未使用第二阶段：以第一阶段的结果为准。",
    "{} small part of the answer ({} ml in all) was left out.": "去除了结果中 {} 个小块（共 {} ml）。",
    "{} small parts of the answer ({} ml in all) were left out.": "去除了结果中 {} 个小块（共 {} ml）。",
    "{} ml that the tumor or its core encloses were filled.": "填充了肿瘤或其核心所包围的 {} ml。",
    "Shading was taken from {}: it was about {} times as bright at the {} as at the {}.":
        "已去除 {0} 的亮度不均：{2}的亮度约为{3}的 {1} 倍。",
    # a result's notes: what computed
    "The convolutions computed in {}, as was asked for.": "按要求，卷积以 {} 计算。",
    "The networks computed in {} throughout (OpenVINO), as was asked for.": "按要求，网络全程以 {} 计算（OpenVINO）。",
    "The last network computed in 8 bits (OpenVINO int8), as was asked for.":
        "按要求，最后一个网络以 8 位计算（OpenVINO int8）。",
    "This CPU computes in fp32, not in {}.": "此 CPU 以 fp32 计算，而非 {}。",
    "This GPU computes in fp32, not in {}.": "此 GPU 以 fp32 计算，而非 {}。",
    "Within a memory limit the GPU computes in fp32, not in {}.": "在内存限制下 GPU 以 fp32 计算，而非 {}。",
    "{}: the GPU's memory was too small for one pass; computed in slabs in float32.":
        "{}：GPU 内存不足以一次完成；已分块以 float32 计算。",
    "{}: the GPU's memory was too small even in slabs; computed on the CPU in {}.":
        "{}：即使分块 GPU 内存仍不足；已在 CPU 上以 {} 计算。",
    "The GPU's memory was too small; computed on the CPU in {}.": "GPU 内存不足；已在 CPU 上以 {} 计算。",
    "The GPU stopped working ({}); computed on the CPU in {}.": "GPU 停止工作（{}）；已在 CPU 上以 {} 计算。",
    "stage {}, region {} of {}": "第 {} 阶段，第 {} 个区域（共 {} 个）",
    "stage {}": "第 {} 阶段",
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
    "only {} slices that cover {} mm, no whole brain.": "只有 {} 层，覆盖 {} mm，不是完整的脑部。",
    "Choose the whole series, not a localizer or a part.": "请选择完整的序列，而不是定位像或其中一部分。",
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
    "The answer is less sure than with all four.": "结果不如使用全部四个图像时可靠。",
    "the image has a skull; it is removed before anything is computed.": "图像带有颅骨；计算之前会先将其去除。",
    "It is registered to {} first.": "会先将其配准到 {}。",
    "{} voxels instead of {}, {}": "{} 体素而非 {}，{}",
    "{} voxels instead of {}": "{} 体素而非 {}",
    "{} mm instead of {} mm, {}": "间距 {} mm 而非 {} mm，{}",
    "{} mm instead of {} mm": "间距 {} mm 而非 {} mm",
    "turned by {} degrees, {}": "旋转 {} 度，{}",
    "turned by {} degrees": "旋转 {} 度",
    "its center {} mm away": "中心相距 {} mm",
    "feet": "足侧",
    "head": "头侧",
    "top": "上方",
    "bottom": "下方",
    "middle": "中部",
    "front": "前方",
    "back": "后方",
    "left": "左侧",
    "right": "右侧",
    "left to right": "左右方向",
    "front to back": "前后方向",
    "top to bottom": "上下方向",
    "there is no such volume. Give all four.": "没有该图像。请提供全部四个图像。",
    # the input check's reasons
    "{} is missing or has no contrast.": "{} 缺失或没有对比度。",
    "{} and {} hold the same image.": "{} 与 {} 是同一图像。",
    "{} and {} hold the same image, with other contrast, noise or place.":
        "{} 与 {} 是同一图像，仅对比度、噪声或位置不同。",
    "{} and {} look swapped.": "{} 与 {} 似乎互换了。",
    "What was given as {} looks like {}.": "作为 {} 提供的图像看起来像 {}。",
    "There is no brain in these images.": "这些图像中没有脑。",
    "No tumor was found, and this package learned from brains with one: a healthy brain may look like this.":
        "未发现肿瘤，而该模型包是从有肿瘤的脑学习的：健康的脑可能如此。",
    "What the images show does not have the shape of a brain: it may be another part of the body.":
        "图像所示不具有脑的形状：可能是身体的其他部位。",
    "This package's first stage has no VAE branch, so there is no reconstruction.":
        "该模型包的第一阶段没有 VAE 分支，因此没有重建。",
    "There is a cavity of {} ml filled with fluid on one side, as after an operation, more than in {}; this package "
    "learned from brains before one.":
        "一侧有 {} ml 充满液体的空腔，类似术后改变，程度超过{}；该模型包是从术前的脑学习的。",
    "Strong shading in {}: about {} times as bright at the {} as at the {}, more than in {}; the networks saw the "
    "image without it.": "{0} 亮度明显不均：{2}的亮度约为{3}的 {1} 倍，程度超过{4}；网络看到的是校正后的图像。",
    "Strong shading in {}: about {} times as bright at the {} as at the {}, more than in {}.":
        "{0} 亮度明显不均：{2}的亮度约为{3}的 {1} 倍，程度超过{4}。",
    "The field of view cuts the brain, towards the {}, more than in {}.": "视野在 {} 方向截断脑部，程度超过{}。",
    "{} than in {}.": "{}，程度超过{}。",
    "{} % of the cases that this package was calibrated on": " {} % 的校准病例",
    "any of the cases that this package was calibrated on": "所有校准病例",
    "{} looks noisier": "{} 噪声较高",
    "{} looks less noisy": "{} 噪声较低",
    "{} looks more shaded (bias field)": "{} 亮度不均（偏置场）较明显",
    "{} looks less shaded": "{} 亮度不均较轻",
    "{} looks more as if the head had moved": "{} 头动迹象较多",
    "{} looks less as if the head had moved": "{} 头动迹象较少",
    "{} looks more as if of thick slices": "{} 更像厚层图像",
    "{} looks less as if of thick slices": "{} 更不像厚层图像",
    "{} lacks more of the brain (field of view)": "{} 缺少的脑部（视野）较多",
    "{} shows less of the brain (field of view)": "{} 显示的脑部（视野）较少",
    "{} shows more of the brain": "{} 显示的脑部较多",
    "{} is given back less well by the VAE": "VAE 对 {} 的重建较差",
    "{} is given back better by the VAE": "VAE 对 {} 的重建较好",
    "The brain is larger": "脑部较大",
    "The brain is smaller": "脑部较小",
    "The brain fills more of its box": "脑部在其外接框中所占比例较高",
    "The brain fills less of its box": "脑部在其外接框中所占比例较低",
    "The brain is longer from front to back": "脑部前后径较长",
    "The brain is shorter from front to back": "脑部前后径较短",
    "The brain is taller from feet to head": "脑部上下径较长",
    "The brain is shorter from feet to head": "脑部上下径较短",
    "The brain's right and left side differ more": "脑部左右两侧差异较大",
    "The brain's right and left side differ less": "脑部左右两侧差异较小",
    "The VAE's latent lies farther from the training cases'": "VAE 潜变量离训练病例较远",
    "The VAE's latent lies nearer": "VAE 潜变量离训练病例较近",
    "What was found as tumor is larger": "所发现的肿瘤较大",
    "What was found as tumor is smaller": "所发现的肿瘤较小",
    "What was found stands out more from the brain": "所发现的部分与脑的对比较强",
    "What was found stands out less from the brain": "所发现的部分与脑的对比较弱",
}  # fmt: skip
"""English sentence, `{}` for any words -> Chinese, of what the library says of a case; others stay English."""
