<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh-CN" sourcelanguage="en-US">
<context>
    <name>BrainTumorVAESeg</name>
    <message>
        <source>Brain Tumor VAE Segmentation</source>
        <translation>脑肿瘤 VAE 分割</translation>
    </message>
    <message>
        <source>Segments a pre-operative glioma in T1, T1ce, T2 and FLAIR MR volumes of one examination, registered and skull-stripped where they need it, with a two-stage, VAE-regularized network on the local GPU or the processor. For research use only; not a medical device. See the &lt;a href="{url}"&gt;documentation&lt;/a&gt;.</source>
        <translation>用两阶段、VAE 正则化的网络，在本地 GPU 或处理器上分割同一次检查的 T1、T1ce、T2 和 FLAIR MR 体积数据中的术前胶质瘤；需要时先配准并去除颅骨。仅供研究使用；不是医疗器械。参见&lt;a href="{url}"&gt;文档&lt;/a&gt;。</translation>
    </message>
    <message>
        <source>The networks are those of A. Myronenko (2018, arXiv 1810.11654) and of C. Lyu and H. Shu (2020, arXiv 2011.02881). Data sets that the weights were trained on are named in each model's card.</source>
        <translation>所用网络出自 A. Myronenko（2018，arXiv 1810.11654）以及 C. Lyu 和 H. Shu（2020，arXiv 2011.02881）。训练权重所用的数据集列于各模型的模型卡中。</translation>
    </message>
    <message>
        <source>The scene was closed, so the segmentation was stopped.</source>
        <translation>场景已关闭，因此分割已停止。</translation>
    </message>
    <message>
        <source>All tests passed.</source>
        <translation>所有测试均已通过。</translation>
    </message>
    <message>
        <source>Install what is missing, after asking you</source>
        <translation>征得您同意后安装缺少的内容</translation>
    </message>
    <message>
        <source>Install...</source>
        <translation>安装……</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>T1-weighted, without contrast agent</source>
        <translation>T1 加权，未使用对比剂</translation>
    </message>
    <message>
        <source>T1</source>
        <translation>T1</translation>
    </message>
    <message>
        <source>Select a volume</source>
        <translation>选择体积数据</translation>
    </message>
    <message>
        <source>T1-weighted, with contrast agent; the result lies on its grid</source>
        <translation>T1 加权，使用对比剂；结果位于其体素网格上</translation>
    </message>
    <message>
        <source>T1ce</source>
        <translation>T1ce</translation>
    </message>
    <message>
        <source>T2-weighted</source>
        <translation>T2 加权</translation>
    </message>
    <message>
        <source>T2</source>
        <translation>T2</translation>
    </message>
    <message>
        <source>T2-FLAIR</source>
        <translation>T2-FLAIR</translation>
    </message>
    <message>
        <source>FLAIR</source>
        <translation>FLAIR</translation>
    </message>
    <message>
        <source>The findings stay in the result. For images that you have looked at and know to be right.</source>
        <translation>检查发现的问题会记录在结果中。仅用于您已查看并确认无误的图像。</translation>
    </message>
    <message>
        <source>Segment in spite of these errors</source>
        <translation>忽略这些错误，仍然分割</translation>
    </message>
    <message>
        <source>What is done to the volumes before they are segmented</source>
        <translation>分割之前对体积数据所做的处理</translation>
    </message>
    <message>
        <source>Preparation</source>
        <translation>预处理</translation>
    </message>
    <message>
        <source>Automatic: volumes that lie elsewhere are registered to T1ce, and skulls are removed. Off: volumes are taken as they are, and have to be registered and skull-stripped</source>
        <translation>自动：位置不一致的体积数据配准到 T1ce，并去除颅骨。关闭：按原样使用体积数据，须已配准并去颅骨</translation>
    </message>
    <message>
        <source>Where the brain is in volumes that show a skull</source>
        <translation>含颅骨的体积数据中脑所在的位置</translation>
    </message>
    <message>
        <source>Brain mask</source>
        <translation>脑掩膜</translation>
    </message>
    <message>
        <source>Where the brain is in volumes that show a skull: a segmentation or label map of yours, or the mask that was made before, which can be corrected in the Segment Editor</source>
        <translation>含颅骨的体积数据中脑所在的位置：您自己的分割或标签图，或先前生成的掩膜（可在 Segment Editor 中修正）</translation>
    </message>
    <message>
        <source>Made where it is needed</source>
        <translation>需要时生成</translation>
    </message>
    <message>
        <source>Install what removes the skull, after asking you</source>
        <translation>征得您同意后安装去颅骨所需的软件包</translation>
    </message>
    <message>
        <source>Choose the volumes by their DICOM headers, series descriptions and names; what is ambiguous stays open</source>
        <translation>根据 DICOM 头信息、序列描述和名称选择体积数据；无法确定的留空</translation>
    </message>
    <message>
        <source>Assign automatically</source>
        <translation>自动分配</translation>
    </message>
    <message>
        <source>Load a made brain with a tumor, to try the module with; it needs no network</source>
        <translation>加载一个带肿瘤的合成脑部图像以试用本模块；无需网络</translation>
    </message>
    <message>
        <source>Load a made case</source>
        <translation>加载合成病例</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>The model package that segments</source>
        <translation>用于分割的模型包</translation>
    </message>
    <message>
        <source>Install a model package from its zip file; it is verified first</source>
        <translation>从 zip 文件安装模型包；安装前会先进行校验</translation>
    </message>
    <message>
        <source>Import...</source>
        <translation>导入……</translation>
    </message>
    <message>
        <source>Remove the chosen package, if you installed it yourself</source>
        <translation>删除所选的模型包（仅限您自己安装的）</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>The segmentation that is written; running again replaces its tumor segments</source>
        <translation>要写入的分割结果；再次运行会替换其中的肿瘤分割区域</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>分割结果</translation>
    </message>
    <message>
        <source>Create a new one</source>
        <translation>新建</translation>
    </message>
    <message>
        <source>Which segments are made</source>
        <translation>要生成哪些分割区域</translation>
    </message>
    <message>
        <source>Segments</source>
        <translation>分割区域</translation>
    </message>
    <message>
        <source>Separate: core, edema and enhancing tumor do not overlap. Nested: whole tumor, tumor core and enhancing tumor, each within the one before</source>
        <translation>独立：坏死与非强化核心、水肿和强化肿瘤互不重叠。嵌套：全肿瘤、肿瘤核心和强化肿瘤，后一个均位于前一个之内</translation>
    </message>
    <message>
        <source>Where to compute</source>
        <translation>在何处计算</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Where to compute. Automatic takes an NVIDIA GPU that works, else the processor</source>
        <translation>在何处计算。“自动”优先使用可正常工作的 NVIDIA GPU，否则使用处理器</translation>
    </message>
    <message>
        <source>What runs the networks. OpenVINO is faster on processors. bf16 is faster on processors that compute in it, and changes a few voxels at the tumor's border</source>
        <translation>用什么运行网络。OpenVINO 在处理器上更快。bf16 在支持它的处理器上更快，但会改变肿瘤边缘的少数体素</translation>
    </message>
    <message>
        <source>Install what runs the networks faster on the processor, after asking you</source>
        <translation>经您同意后，安装在处理器上更快运行网络的软件</translation>
    </message>
    <message>
        <source>Open what the segmenting process wrote, to see or to send what went wrong</source>
        <translation>打开分割进程写入的日志，以便查看或发送出错信息</translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation>显示日志</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>A click on a lesion moves all slice views to it</source>
        <translation>单击某个病灶，所有切片视图将移至该处</translation>
    </message>
    <message>
        <source>Measure the segments as they are now; the diameters are drawn anew</source>
        <translation>按当前分割段重新测量；直径线将重新绘制</translation>
    </message>
    <message>
        <source>Measure again</source>
        <translation>重新测量</translation>
    </message>
    <message>
        <source>Move all slice views to the tumor's largest sections</source>
        <translation>将所有切片视图移动到肿瘤的最大截面</translation>
    </message>
    <message>
        <source>Go to tumor</source>
        <translation>转到肿瘤</translation>
    </message>
    <message>
        <source>Make surfaces of the segments and show them in the 3D views</source>
        <translation>生成分割区域的表面并在 3D 视图中显示</translation>
    </message>
    <message>
        <source>Show in 3D</source>
        <translation>3D 显示</translation>
    </message>
    <message>
        <source>How opaque the segments are filled in the slice views; their outlines stay</source>
        <translation>分割区域在切片视图中填充的不透明度；轮廓始终显示</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>填充</translation>
    </message>
    <message>
        <source>Show the diameters of target lesions as lines in the slice views; the table follows a line that is moved</source>
        <translation>在切片视图中以线段显示靶病灶的直径；移动线段时表格随之更新</translation>
    </message>
    <message>
        <source>Show diameters</source>
        <translation>显示直径</translation>
    </message>
    <message>
        <source>Put the volumes under the transforms that register them to T1ce, so that the views show them where they were segmented</source>
        <translation>将体积数据置于配准到 T1ce 的变换之下，使视图按分割时的位置显示</translation>
    </message>
    <message>
        <source>Show volumes registered</source>
        <translation>显示配准后的体积数据</translation>
    </message>
    <message>
        <source>Report...</source>
        <translation>报告...</translation>
    </message>
    <message>
        <source>DICOM...</source>
        <translation>DICOM...</translation>
    </message>
    <message>
        <source>Made for pre-operative glioma of adults. For research use only; not a medical device.</source>
        <translation>适用于成人术前胶质瘤。仅供研究使用；并非医疗器械。</translation>
    </message>
    <message>
        <source>Inspect</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>One map of the result over the images; what they show is restored when this section is closed</source>
        <translation>在图像上显示结果的一张图；关闭此部分时恢复视图原来的内容</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>图</translation>
    </message>
    <message>
        <source>How opaque the map is</source>
        <translation>图的不透明度</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>The sequence that lies under the map; automatic: the map's own, else what the views show</source>
        <translation>图下方显示的序列；自动：该图自身的序列，否则为视图当前内容</translation>
    </message>
    <message>
        <source>Behind</source>
        <translation>底图</translation>
    </message>
    <message>
        <source>Move all slice views to the doubtful slice before</source>
        <translation>将所有切片视图移动到上一个存疑切片</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>上一个</translation>
    </message>
    <message>
        <source>Move all slice views to the next slice whose tumor border is in doubt; the most doubtful comes first</source>
        <translation>将所有切片视图移动到下一个肿瘤边界存疑的切片；最存疑的排在最前</translation>
    </message>
    <message>
        <source>Next doubtful slice</source>
        <translation>下一个存疑切片</translation>
    </message>
    <message>
        <source>The region whose border the threshold moves</source>
        <translation>其边界随阈值移动的区域</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>The probability from which a voxel belongs to the region; its segment follows at once</source>
        <translation>体素属于该区域所需的概率；其分段立即随之变化</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Keep the border as it is shown</source>
        <translation>保留当前显示的边界</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Go back to the border before the slider was moved</source>
        <translation>恢复滑块移动之前的边界</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Take back what was applied last</source>
        <translation>撤回上一次应用的更改</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>What the second stage added to each region of the first, and took away from it</source>
        <translation>第二阶段在第一阶段各区域上增加和去除的部分</translation>
    </message>
    <message>
        <source>Answer the images mirrored in each way: where the answers differ is a map of its own, and the volumes' intervals come to hold them. Stop keeps all else</source>
        <translation>对各种镜像翻转后的图像分别作答：答案的分歧自成一幅图，体积区间也会扩展到包含这些答案。停止时保留其余一切</translation>
    </message>
    <message>
        <source>Answer mirrored images</source>
        <translation>分割镜像图像</translation>
    </message>
    <message>
        <source>Answer anew without each sequence in turn, and with what the VAE gives back of it. Stop keeps all else</source>
        <translation>依次去掉每个序列、再以 VAE 的重建代替它，各重新作答一次。停止时保留其余一切</translation>
    </message>
    <message>
        <source>What each sequence contributed</source>
        <translation>各序列的贡献</translation>
    </message>
    <message>
        <source>How alike the answer stays where a sequence is replaced by zero (Dice, low where the sequence mattered), and in brackets by how many ml it changes</source>
        <translation>某序列以零代替后答案保持相似的程度（Dice，越低说明该序列越重要），括号内为体积变化（ml）</translation>
    </message>
</context>
<context>
    <name>BrainTumorVAESegBatch</name>
    <message>
        <source>Batch</source>
        <translation>批处理</translation>
    </message>
    <message>
        <source>Add a case's folder, or all cases below a folder</source>
        <translation>添加一个病例的文件夹，或文件夹下的全部病例</translation>
    </message>
    <message>
        <source>Add folder...</source>
        <translation>添加文件夹...</translation>
    </message>
    <message>
        <source>Add the studies that are loaded, as the subject hierarchy groups them</source>
        <translation>按主题层级的分组添加已加载的检查</translation>
    </message>
    <message>
        <source>Add from scene</source>
        <translation>从场景添加</translation>
    </message>
    <message>
        <source>Take the selected rows out of the list, or all where none is selected</source>
        <translation>从列表移除选中的行；未选中时移除全部</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Where the results go; files are written as NAME.seg.nrrd, and the images leave the scene again</source>
        <translation>结果的去处；文件写为 NAME.seg.nrrd，图像随后离开场景</translation>
    </message>
    <message>
        <source>Results into the scene</source>
        <translation>结果放入场景</translation>
    </message>
    <message>
        <source>Results to files...</source>
        <translation>结果写入文件...</translation>
    </message>
    <message>
        <source>Segment all</source>
        <translation>全部分割</translation>
    </message>
    <message>
        <source>Let the studies that failed wait again</source>
        <translation>让失败的检查重新等待</translation>
    </message>
    <message>
        <source>Try failed again</source>
        <translation>重试失败项</translation>
    </message>
</context>
<context>
    <name>client.client</name>
    <message>
        <source>The worker gave no answer within {n} seconds; try again.</source>
        <translation>工作进程在 {n} 秒内没有响应；请重试。</translation>
    </message>
    <message>
        <source>The worker did not answer in time; try again.</source>
        <translation>工作进程未及时响应；请重试。</translation>
    </message>
    <message>
        <source>Cancelled; nothing was written.</source>
        <translation>已取消；未写入任何内容。</translation>
    </message>
</context>
<context>
    <name>client.handover</name>
    <message>
        <source>{name}: its voxels are no numbers; convert the volume.</source>
        <translation>{name}：其体素不是数值；请转换该体积数据。</translation>
    </message>
    <message>
        <source>The worker's labels cannot be read ({error}); segment again.</source>
        <translation>无法读取工作进程输出的标签（{error}）；请重新分割。</translation>
    </message>
    <message>
        <source>The worker's labels are not on the grid of the reference volume; segment again.</source>
        <translation>工作进程输出的标签与参考体积数据的体素网格不一致；请重新分割。</translation>
    </message>
</context>
<context>
    <name>client.launch</name>
    <message>
        <source>Slicer's Python (PythonSlicer) is not found; install Slicer again.</source>
        <translation>找不到 Slicer 的 Python（PythonSlicer）；请重新安装 Slicer。</translation>
    </message>
</context>
<context>
    <name>client.process</name>
    <message>
        <source>The worker cannot be started: Slicer's Python does not run; install Slicer again.</source>
        <translation>无法启动工作进程：Slicer 的 Python 无法运行；请重新安装 Slicer。</translation>
    </message>
    <message>
        <source>exit code {n}</source>
        <translation>退出代码 {n}</translation>
    </message>
    <message>
        <source>The worker cannot start ({reason}); install the module's packages again.</source>
        <translation>工作进程无法启动（{reason}）；请重新安装本模块所需的软件包。</translation>
    </message>
    <message>
        <source>The worker was ended, perhaps for lack of memory; close other programs and try again.</source>
        <translation>工作进程被终止，可能是内存不足；请关闭其他程序后重试。</translation>
    </message>
    <message>
        <source>The worker ended unexpectedly with exit code {n}; try again.</source>
        <translation>工作进程意外终止，退出代码为 {n}；请重试。</translation>
    </message>
</context>
<context>
    <name>client.stages</name>
    <message>
        <source>Pass {number} of {count}: {stage}</source>
        <translation>第 {number}/{count} 次：{stage}</translation>
    </message>
    <message>
        <source>Making the map</source>
        <translation>正在生成图</translation>
    </message>
    <message>
        <source>Stage 2, region {number} of {count}</source>
        <translation>第 2 阶段，第 {number} 个区域（共 {count} 个）</translation>
    </message>
    <message>
        <source>Registering {volume}</source>
        <translation>正在配准 {volume}</translation>
    </message>
    <message>
        <source>Correcting the shading of {volume}</source>
        <translation>正在校正 {volume} 的亮度不均</translation>
    </message>
    <message>
        <source>Finding the brain</source>
        <translation>正在查找脑</translation>
    </message>
    <message>
        <source>Handing over the volumes</source>
        <translation>正在传递体积数据</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>正在加载模型</translation>
    </message>
    <message>
        <source>Converting the model for OpenVINO, once</source>
        <translation>正在为 OpenVINO 转换模型（仅此一次）</translation>
    </message>
    <message>
        <source>Checking the volumes</source>
        <translation>正在检查体积数据</translation>
    </message>
    <message>
        <source>Preparing the volumes</source>
        <translation>正在准备体积数据</translation>
    </message>
    <message>
        <source>Stage 1, the whole brain</source>
        <translation>第 1 阶段，全脑</translation>
    </message>
    <message>
        <source>Stage 2, the tumor's region</source>
        <translation>第 2 阶段，肿瘤区域</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>正在测量</translation>
    </message>
    <message>
        <source>Bringing the result to the volume's grid</source>
        <translation>正在将结果还原到体积数据的体素网格</translation>
    </message>
    <message>
        <source>Writing the segments</source>
        <translation>正在写入分割区域</translation>
    </message>
</context>
<context>
    <name>nodes.assignment</name>
    <message>
        <source>{name} is {named} by its name, but {described} by its series description '{description}'; choose the volume yourself.</source>
        <translation>{name} 按名称为 {named}，但按序列描述“{description}”为 {described}；请自行选择体积数据。</translation>
    </message>
    <message>
        <source>by the series description '{description}'</source>
        <translation>根据序列描述“{description}”</translation>
    </message>
    <message>
        <source>by its name</source>
        <translation>根据名称</translation>
    </message>
    <message>
        <source>{name} is {named} by its name, but by its DICOM header not: {reason}; choose the volume yourself.</source>
        <translation>{name} 按名称为 {named}，但 DICOM 头信息与此不符：{reason}；请自行选择体积数据。</translation>
    </message>
    <message>
        <source>by its DICOM header: {reason}</source>
        <translation>根据 DICOM 头信息：{reason}</translation>
    </message>
    <message>
        <source>{reason}; it was taken before {other}</source>
        <translation>{reason}；其采集早于 {other}</translation>
    </message>
    <message>
        <source>{reason}; it is bright where {other} is not</source>
        <translation>{reason}；在 {other} 不亮处呈高信号</translation>
    </message>
    <message>
        <source>{reason}; it is not bright where {other} is</source>
        <translation>{reason}；在 {other} 高信号处不亮</translation>
    </message>
    <message>
        <source>{name} could be {modality}, {reason}; choose it if it is right.</source>
        <translation>{name} 可能是 {modality}，{reason}；如确认无误请选择它。</translation>
    </message>
    <message>
        <source>The scene holds several cases, each with volumes that fit; choose {modality} yourself: {names}.</source>
        <translation>场景中有多个病例，各自都有符合条件的体积数据；请自行选择 {modality}：{names}。</translation>
    </message>
    <message>
        <source>{names} could be {modality}, but of another case than the other volumes; choose it if it is right.</source>
        <translation>{names} 可能是 {modality}，但与其他体积数据不属于同一病例；如果正确，请选择它。</translation>
    </message>
    <message>
        <source>{count} volumes could be {modality}: {names}; choose one.</source>
        <translation>有 {count} 个体积数据可能是 {modality}：{names}；请选择其中一个。</translation>
    </message>
</context>
<context>
    <name>nodes.brainmask</name>
    <message>
        <source>{name} is no brain mask; choose a segmentation or a label map.</source>
        <translation>{name} 不是脑掩膜；请选择分割或标签图。</translation>
    </message>
    <message>
        <source>{name} holds no brain where {reference} lies; choose another mask, or none.</source>
        <translation>{name} 在 {reference} 所在位置不含脑；请选择其他掩膜，或不选。</translation>
    </message>
    <message>
        <source>{name} brain</source>
        <translation>{name} 脑</translation>
    </message>
    <message>
        <source>Brain</source>
        <translation>脑</translation>
    </message>
    <message>
        <source>{name} holds {count} segments; call the one that is the brain Brain, or choose another mask.</source>
        <translation>{name} 含 {count} 个分割段；请将脑所在的分割段命名为 Brain，或选择其他掩膜。</translation>
    </message>
</context>
<context>
    <name>nodes.diameters</name>
    <message>
        <source>{name} diameters</source>
        <translation>{name} 直径</translation>
    </message>
    <message>
        <source>longest</source>
        <translation>最长径</translation>
    </message>
    <message>
        <source>perpendicular</source>
        <translation>垂直径</translation>
    </message>
    <message>
        <source>{length} mm</source>
        <translation>{length} mm</translation>
    </message>
</context>
<context>
    <name>nodes.lesions</name>
    <message>
        <source>Of the tumor core {enhancing} % enhances and {other} % does not.</source>
        <translation>肿瘤核心中 {enhancing} % 强化，{other} % 不强化。</translation>
    </message>
    <message>
        <source>The tumor lies on the left.</source>
        <translation>肿瘤位于左侧。</translation>
    </message>
    <message>
        <source>The tumor lies on the right.</source>
        <translation>肿瘤位于右侧。</translation>
    </message>
    <message>
        <source>It reaches {mm} mm across the midline.</source>
        <translation>越过中线 {mm} mm。</translation>
    </message>
    <message>
        <source>The slices measured in are tilted by {degrees} degrees against axial.</source>
        <translation>测量所用切片相对横断面倾斜 {degrees} 度。</translation>
    </message>
    <message>
        <source>Lesion</source>
        <translation>病灶</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>Volume (ml)</source>
        <translation>体积 (ml)</translation>
    </message>
    <message>
        <source>Longest diameter (mm)</source>
        <translation>最长径 (mm)</translation>
    </message>
    <message>
        <source>Perpendicular (mm)</source>
        <translation>垂直径 (mm)</translation>
    </message>
    <message>
        <source>Product (mm2)</source>
        <translation>乘积 (mm2)</translation>
    </message>
    <message>
        <source>Diameter in 3D (mm)</source>
        <translation>三维直径 (mm)</translation>
    </message>
    <message>
        <source>Slice</source>
        <translation>切片</translation>
    </message>
    <message>
        <source>Target</source>
        <translation>靶病灶</translation>
    </message>
    <message>
        <source>Side</source>
        <translation>侧别</translation>
    </message>
    <message>
        <source>Moved by hand</source>
        <translation>手动移动</translation>
    </message>
</context>
<context>
    <name>nodes.measured</name>
    <message>
        <source>{name} lesions</source>
        <translation>{name} 病灶</translation>
    </message>
</context>
<context>
    <name>nodes.output</name>
    <message>
        <source>{name} tumor</source>
        <translation>{name} 肿瘤</translation>
    </message>
    <message>
        <source>{name} volumes</source>
        <translation>{name} 体积</translation>
    </message>
    <message>
        <source>Intervals hold the answers to mirrored images too.</source>
        <translation>区间也包含镜像图像的答案。</translation>
    </message>
    <message>
        <source>Edited since.</source>
        <translation>此后经过编辑。</translation>
    </message>
    <message>
        <source>As segmented by {model} {version} on {device} in {seconds} s.</source>
        <translation>由 {model} {version} 在 {device} 上分割所得，用时 {seconds} 秒。</translation>
    </message>
</context>
<context>
    <name>nodes.registered</name>
    <message>
        <source>the mask that was given</source>
        <translation>给定的掩膜</translation>
    </message>
    <message>
        <source>Brain of {ml} ml by {maker}.</source>
        <translation>脑 {ml} ml（来源：{maker}）。</translation>
    </message>
    <message>
        <source>{modality} could not be registered and stays where it is.</source>
        <translation>{modality} 无法配准，保持原位。</translation>
    </message>
    <message>
        <source>{modality} was registered (moved {mm} mm, turned {degrees} degrees).</source>
        <translation>{modality} 已配准（移动 {mm} mm，旋转 {degrees} 度）。</translation>
    </message>
    <message>
        <source>{name} to {reference}</source>
        <translation>{name} 到 {reference}</translation>
    </message>
</context>
<context>
    <name>nodes.replacing</name>
    <message>
        <source>{name}: the segment {key} cannot be added; choose a new segmentation.</source>
        <translation>{name}：无法添加分割区域 {key}；请选择新的分割结果。</translation>
    </message>
</context>
<context>
    <name>nodes.segments</name>
    <message>
        <source>{name} holds no segment of the tumor; segment the volumes first.</source>
        <translation>{name} 中没有肿瘤的分割区域；请先对体积数据进行分割。</translation>
    </message>
    <message>
        <source>The segmentation was removed from the scene; choose or make another and segment again.</source>
        <translation>分割结果已从场景中删除；请选择或新建另一个，然后重新分割。</translation>
    </message>
    <message>
        <source>{name} is no longer of the size that was segmented; segment again.</source>
        <translation>{name} 的尺寸与分割时不同；请重新分割。</translation>
    </message>
    <message>
        <source>{name} holds surfaces or lies under a nonlinear transform; choose another segmentation.</source>
        <translation>{name} 包含表面或处于非线性变换之下；请选择其他分割结果。</translation>
    </message>
</context>
<context>
    <name>nodes.seriestexts</name>
    <message>
        <source>several slices in one picture</source>
        <translation>多个层面拼在一幅图中</translation>
    </message>
    <message>
        <source>a localizer</source>
        <translation>定位像</translation>
    </message>
    <message>
        <source>a map of diffusion</source>
        <translation>弥散参数图</translation>
    </message>
    <message>
        <source>diffusion</source>
        <translation>弥散</translation>
    </message>
    <message>
        <source>perfusion</source>
        <translation>灌注</translation>
    </message>
    <message>
        <source>susceptibility</source>
        <translation>磁敏感</translation>
    </message>
    <message>
        <source>a projection</source>
        <translation>投影</translation>
    </message>
    <message>
        <source>a phase image</source>
        <translation>相位图</translation>
    </message>
    <message>
        <source>a subtraction</source>
        <translation>减影</translation>
    </message>
    <message>
        <source>a map of the field</source>
        <translation>场图</translation>
    </message>
    <message>
        <source>a map of relaxation times</source>
        <translation>弛豫时间图</translation>
    </message>
    <message>
        <source>is {kind}, not MR</source>
        <translation>是 {kind}，不是 MR</translation>
    </message>
    <message>
        <source>of no kind that is told</source>
        <translation>未说明类型的图像</translation>
    </message>
    <message>
        <source>{place} says {word}</source>
        <translation>{place}写有 {word}</translation>
    </message>
    <message>
        <source>no name tells what it is, and {why}</source>
        <translation>没有名称说明它是什么，且{why}</translation>
    </message>
    <message>
        <source>its image type says {value}, {what}</source>
        <translation>其图像类型为 {value}（{what}）</translation>
    </message>
    <message>
        <source>its image type says MPR, a reformat of another series</source>
        <translation>其图像类型为 MPR，是另一序列的重组图像</translation>
    </message>
    <message>
        <source>its description</source>
        <translation>其描述</translation>
    </message>
    <message>
        <source>its protocol</source>
        <translation>其协议</translation>
    </message>
    <message>
        <source>its folder's name</source>
        <translation>其文件夹名称</translation>
    </message>
    <message>
        <source>{place} says T1 with contrast agent</source>
        <translation>{place}写有 T1 增强</translation>
    </message>
    <message>
        <source>{place} says T1 without contrast agent</source>
        <translation>{place}写有 T1 平扫</translation>
    </message>
    <message>
        <source>{place} says T1, with and without contrast agent</source>
        <translation>{place}写有 T1，平扫和增强</translation>
    </message>
    <message>
        <source>{place} says T1, not whether contrast agent was given</source>
        <translation>{place}写有 T1，但未说明是否注射了对比剂</translation>
    </message>
    <message>
        <source>{said}; the header names one, as scanners do in every series</source>
        <translation>{said}；头信息中写有对比剂，但扫描仪会在每个序列中都这样写</translation>
    </message>
    <message>
        <source>{said}, but {measured}</source>
        <translation>{said}，但{measured}</translation>
    </message>
    <message>
        <source>its times are not told</source>
        <translation>未给出其时间参数</translation>
    </message>
    <message>
        <source>is echo planar</source>
        <translation>是平面回波序列</translation>
    </message>
    <message>
        <source>its times are those of FLAIR ({times})</source>
        <translation>其时间参数符合 FLAIR（{times}）</translation>
    </message>
    <message>
        <source>its times are those of STIR ({times})</source>
        <translation>其时间参数符合 STIR（{times}）</translation>
    </message>
    <message>
        <source>its times are those of a T2*-weighted gradient echo ({times})</source>
        <translation>其时间参数符合 T2* 加权梯度回波（{times}）</translation>
    </message>
    <message>
        <source>its times are those of a T1 with inversion ({times}), agent given or not</source>
        <translation>其时间参数符合反转恢复 T1（{times}），无论是否注射对比剂</translation>
    </message>
    <message>
        <source>its times tell no single sequence ({times})</source>
        <translation>其时间参数不能确定是哪一种序列（{times}）</translation>
    </message>
    <message>
        <source>its times are those of T2 or of a FLAIR without its TI ({times})</source>
        <translation>其时间参数符合 T2，或未给出 TI 的 FLAIR（{times}）</translation>
    </message>
    <message>
        <source>its times are those of T2 ({times})</source>
        <translation>其时间参数符合 T2（{times}）</translation>
    </message>
    <message>
        <source>its times are those of proton density ({times})</source>
        <translation>其时间参数符合质子密度加权（{times}）</translation>
    </message>
    <message>
        <source>its times are those of T1 ({times}), agent given or not</source>
        <translation>其时间参数符合 T1（{times}），无论是否注射对比剂</translation>
    </message>
</context>
<context>
    <name>nodes.tables</name>
    <message>
        <source>Segment</source>
        <translation>分割区域</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>结构</translation>
    </message>
    <message>
        <source>Volume (ml)</source>
        <translation>体积 (ml)</translation>
    </message>
    <message>
        <source>Label or region of BraTS; the regions WT, TC and ET lie in each other</source>
        <translation>BraTS 的标签或区域；区域 WT、TC 和 ET 依次嵌套</translation>
    </message>
    <message>
        <source>Number of voxels times the volume of one, in milliliters</source>
        <translation>体素数乘以单个体素的体积，单位为毫升</translation>
    </message>
    <message>
        <source>From (ml)</source>
        <translation>下限 (ml)</translation>
    </message>
    <message>
        <source>The volume probably lies between this and the next column's</source>
        <translation>体积很可能介于此列与下一列之间</translation>
    </message>
    <message>
        <source>To (ml)</source>
        <translation>上限 (ml)</translation>
    </message>
    <message>
        <source>The volume probably lies between the column before and this</source>
        <translation>体积很可能介于前一列与此列之间</translation>
    </message>
</context>
<context>
    <name>nodes.volumes</name>
    <message>
        <source>{size} at {spacing} mm, {axes}</source>
        <translation>{size}，间距 {spacing} mm，{axes}</translation>
    </message>
    <message>
        <source>No volume is chosen; choose one.</source>
        <translation>未选择体积数据；请选择一个。</translation>
    </message>
    <message>
        <source>{name} was removed from the scene; choose another volume.</source>
        <translation>{name} 已从场景中删除；请选择其他体积数据。</translation>
    </message>
    <message>
        <source>{name} is a label map; choose the MR image itself.</source>
        <translation>{name} 是标签图；请选择磁共振图像本身。</translation>
    </message>
    <message>
        <source>{name} is a map of a result; choose the MR image itself.</source>
        <translation>{name} 是结果的一张图；请选择 MR 图像本身。</translation>
    </message>
    <message>
        <source>{name} is no volume; choose an MR image.</source>
        <translation>{name} 不是体积数据；请选择磁共振图像。</translation>
    </message>
    <message>
        <source>{name} holds several values in each voxel; choose a gray-scale MR image.</source>
        <translation>{name} 的每个体素包含多个数值；请选择灰度磁共振图像。</translation>
    </message>
    <message>
        <source>{name} holds no image; load it again.</source>
        <translation>{name} 不包含图像；请重新加载。</translation>
    </message>
    <message>
        <source>{name} is a single slice; choose a 3D image.</source>
        <translation>{name} 只有单个切片；请选择 3D 图像。</translation>
    </message>
    <message>
        <source>{name} lies under a nonlinear transform; harden the transform in the module Transforms.</source>
        <translation>{name} 处于非线性变换之下；请在变换（Transforms）模块中固定该变换。</translation>
    </message>
    <message>
        <source>{name} has no usable grid: {reason}</source>
        <translation>{name} 没有可用的体素网格：{reason}</translation>
    </message>
    <message>
        <source>{name} has axes that are not at right angles; resample it on another volume's grid first.</source>
        <translation>{name} 的坐标轴不互相垂直；请先将其重采样到其他体积数据的体素网格上。</translation>
    </message>
</context>
<context>
    <name>panel.batch</name>
    <message>
        <source>Study</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>A case's folder, or one with many cases</source>
        <translation>一个病例的文件夹，或含多个病例的文件夹</translation>
    </message>
    <message>
        <source>Cancelled; what is done stays.</source>
        <translation>已取消；已完成的保留。</translation>
    </message>
    <message>
        <source>Results to files...</source>
        <translation>结果写入文件...</translation>
    </message>
    <message>
        <source>Results to {folder}</source>
        <translation>结果写入 {folder}</translation>
    </message>
    <message>
        <source>A folder for the results</source>
        <translation>结果文件夹</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Segment all</source>
        <translation>全部分割</translation>
    </message>
    <message>
        <source>{done} of {total} done, {failed} failed.</source>
        <translation>共 {total} 个，完成 {done} 个，失败 {failed} 个。</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>Running...</source>
        <translation>运行中...</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
</context>
<context>
    <name>panel.changes</name>
    <message>
        <source>Stage 2</source>
        <translation>第二阶段</translation>
    </message>
    <message>
        <source>Won, ml</source>
        <translation>增加 (ml)</translation>
    </message>
    <message>
        <source>Lost, ml</source>
        <translation>减少 (ml)</translation>
    </message>
    <message>
        <source>{count} voxels</source>
        <translation>{count} 个体素</translation>
    </message>
</context>
<context>
    <name>panel.contributions</name>
    <message>
        <source>Without</source>
        <translation>去除</translation>
    </message>
    <message>
        <source>Without {sequence}: {change} ml, Dice {dice} with the answer as it is.</source>
        <translation>去除 {sequence}：{change} ml，与原结果的 Dice {dice}。</translation>
    </message>
    <message>
        <source>With what the VAE gives back of it instead: {change} ml, Dice {dice}.</source>
        <translation>以 VAE 的重建代替：{change} ml，Dice {dice}。</translation>
    </message>
</context>
<context>
    <name>panel.device</name>
    <message>
        <source>{device}, {free} GB of memory free</source>
        <translation>{device}，可用内存 {free} GB</translation>
    </message>
</context>
<context>
    <name>panel.doubtful</name>
    <message>
        <source>{count} doubtful slices</source>
        <translation>{count} 个存疑切片</translation>
    </message>
    <message>
        <source>{number} of {count}: slice {index}, {share} % of its border is in doubt</source>
        <translation>第 {number} 个，共 {count} 个：切片 {index}，其边界的 {share} % 存疑</translation>
    </message>
</context>
<context>
    <name>panel.engine</name>
    <message>
        <source>OpenVINO computes on the processor: choose that, or PyTorch.</source>
        <translation>OpenVINO 在处理器上计算：请选择处理器，或选择 PyTorch。</translation>
    </message>
</context>
<context>
    <name>panel.exporting</name>
    <message>
        <source>Write a page to read, print and file</source>
        <translation>生成一页报告，供阅读、打印和存档</translation>
    </message>
    <message>
        <source>Write a report</source>
        <translation>生成报告</translation>
    </message>
    <message>
        <source>Pages (*.html)</source>
        <translation>网页 (*.html)</translation>
    </message>
    <message>
        <source>Write DICOM objects to a folder</source>
        <translation>将 DICOM 对象写入文件夹</translation>
    </message>
    <message>
        <source>Writing the report...</source>
        <translation>正在生成报告...</translation>
    </message>
    <message>
        <source>Writing DICOM objects...</source>
        <translation>正在写入 DICOM 对象...</translation>
    </message>
    <message>
        <source>Written to {folder}: {names}</source>
        <translation>已写入 {folder}：{names}</translation>
    </message>
    <message>
        <source>The reference volume did not come from DICOM, so that no DICOM object can refer to it</source>
        <translation>参考体积数据并非来自 DICOM，因此没有 DICOM 对象可以引用它</translation>
    </message>
    <message>
        <source>Write DICOM SEG and SR for a PACS, which refer to the source series</source>
        <translation>为 PACS 写入引用源序列的 DICOM SEG 和 SR</translation>
    </message>
    <message>
        <source>Written of the last result of this session: segment, or segment again</source>
        <translation>仅可写出本次会话的最后结果：请分割，或重新分割</translation>
    </message>
</context>
<context>
    <name>panel.further</name>
    <message>
        <source>, {time} left</source>
        <translation>，剩余 {time}</translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation>正在启动……</translation>
    </message>
    <message>
        <source>Stopping...</source>
        <translation>正在停止……</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>This waits for the answers that are asked for under Inspect; stop those to have it now.</source>
        <translation>需等待“检查结果”中正在进行的运算；停止该运算即可立即进行。</translation>
    </message>
    <message>
        <source>What else is asked of the worker waits for this.</source>
        <translation>其他请求需等待此运算完成。</translation>
    </message>
    <message>
        <source>This waits for what was asked of the worker before.</source>
        <translation>此运算需等待先前的请求完成。</translation>
    </message>
    <message>
        <source>Answered already: shown at once.</source>
        <translation>已有结果：立即显示。</translation>
    </message>
    <message>
        <source>{passes} more passes of the networks: about {time}, {memory} GB more memory</source>
        <translation>网络再运行 {passes} 次：约 {time}，多占内存 {memory} GB</translation>
    </message>
</context>
<context>
    <name>panel.inputs</name>
    <message>
        <source>Choose the {modality} volume.</source>
        <translation>请选择 {modality} 体积数据。</translation>
    </message>
    <message>
        <source>{name} is chosen for {modality} as well: give each its own volume.</source>
        <translation>{name} 同时被选作 {modality}：请分别选择各自的体积数据。</translation>
    </message>
    <message>
        <source>Checking the volumes...</source>
        <translation>正在检查体积数据……</translation>
    </message>
</context>
<context>
    <name>panel.inspect</name>
    <message>
        <source>This map needs answers to mirrored images: ask for them below.</source>
        <translation>此图需要镜像图像的答案：请用下方按钮请求。</translation>
    </message>
    <message>
        <source>Maps are made of the last result of this session: segment, or segment again.</source>
        <translation>图由本次会话的最后一个结果生成：请先分割，或重新分割。</translation>
    </message>
    <message>
        <source>Making the map...</source>
        <translation>正在生成图……</translation>
    </message>
</context>
<context>
    <name>panel.installing</name>
    <message>
        <source>Install {title} ({size} MB)...</source>
        <translation>安装 {title}（{size} MB）……</translation>
    </message>
</context>
<context>
    <name>panel.lesions</name>
    <message>
        <source>Lesion</source>
        <translation>病灶</translation>
    </message>
    <message>
        <source>Diameters (mm)</source>
        <translation>径线 (mm)</translation>
    </message>
    <message>
        <source>ET: enhancing lesions, WT: those of the whole tumor, each from the largest on; bold: target lesions</source>
        <translation>ET：强化病灶；WT：全肿瘤病灶；均从最大者起编号；粗体为靶病灶</translation>
    </message>
    <message>
        <source>Volume in milliliters</source>
        <translation>体积（毫升）</translation>
    </message>
    <message>
        <source>Longest axial diameter and its longest perpendicular, in millimeters</source>
        <translation>横断面最长径及其最长垂直径（毫米）</translation>
    </message>
    <message>
        <source>Product of both diameters, in square millimeters</source>
        <translation>两直径的乘积（平方毫米）</translation>
    </message>
    <message>
        <source>Measure again</source>
        <translation>重新测量</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>The segmentation has been edited since it was measured.</source>
        <translation>测量之后分割已被编辑。</translation>
    </message>
    <message>
        <source>{region}: sum of products {total} mm², target lesions: {count}</source>
        <translation>{region}：乘积之和 {total} mm²，靶病灶数：{count}</translation>
    </message>
    <message>
        <source>Smaller lesions that are not listed: {count}</source>
        <translation>未列出的更小病灶：{count}</translation>
    </message>
    <message>
        <source>{name}, slice {slice}, {diameter} mm across in 3D</source>
        <translation>{name}，切片 {slice}，三维最大径 {diameter} mm</translation>
    </message>
    <message>
        <source>on the left</source>
        <translation>位于左侧</translation>
    </message>
    <message>
        <source>on the right</source>
        <translation>位于右侧</translation>
    </message>
    <message>
        <source>target lesion</source>
        <translation>靶病灶</translation>
    </message>
    <message>
        <source>its diameters were moved by hand</source>
        <translation>其直径经手动移动</translation>
    </message>
</context>
<context>
    <name>panel.mapchoice</name>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
</context>
<context>
    <name>panel.models</name>
    <message>
        <source>No model package is installed: import one under Model.</source>
        <translation>未安装模型包：请在“模型”下导入一个。</translation>
    </message>
    <message>
        <source>The model package {name} is no longer there: choose another under Model.</source>
        <translation>模型包 {name} 已不存在：请在“模型”下选择其他模型包。</translation>
    </message>
    <message>
        <source>{name} (not installed)</source>
        <translation>{name}（未安装）</translation>
    </message>
    <message>
        <source>Import a model package</source>
        <translation>导入模型包</translation>
    </message>
    <message>
        <source>Model packages (*.zip)</source>
        <translation>模型包 (*.zip)</translation>
    </message>
    <message>
        <source>Remove the model package {name} from this computer?</source>
        <translation>要从本机删除模型包 {name} 吗？</translation>
    </message>
    <message>
        <source>{name} (damaged)</source>
        <translation>{name}（已损坏）</translation>
    </message>
    <message>
        <source>The model package {name} is not installed: import it, or choose another.</source>
        <translation>模型包 {name} 尚未安装：请导入它，或选择其他模型包。</translation>
    </message>
</context>
<context>
    <name>panel.navigation</name>
    <message>
        <source>The segmentation has lost its volume; segment again.</source>
        <translation>该分割已失去对应的体积数据；请重新分割。</translation>
    </message>
    <message>
        <source>{name} holds no tumor.</source>
        <translation>{name} 中没有肿瘤。</translation>
    </message>
</context>
<context>
    <name>panel.notice</name>
    <message>
        <source>Install...</source>
        <translation>安装……</translation>
    </message>
    <message>
        <source>Open the Extensions Manager</source>
        <translation>打开扩展管理器</translation>
    </message>
    <message>
        <source>Restart Slicer</source>
        <translation>重新启动 Slicer</translation>
    </message>
</context>
<context>
    <name>panel.panel</name>
    <message>
        <source>Cancelled; the scene is as it was.</source>
        <translation>已取消；场景保持原样。</translation>
    </message>
    <message>
        <source>The volumes have errors, which stand under Inputs: mend them, or choose to go on.</source>
        <translation>体积数据存在错误，详见“输入”：请予以修正，或选择仍然继续。</translation>
    </message>
    <message>
        <source>The panel is not open.</source>
        <translation>面板未打开。</translation>
    </message>
    <message>
        <source>Done in {seconds} s.</source>
        <translation>已完成，用时 {seconds} 秒。</translation>
    </message>
</context>
<context>
    <name>panel.preparation</name>
    <message>
        <source>The skull has to be removed first: install HD-BET, or choose a brain mask.</source>
        <translation>须先去除颅骨：请安装 HD-BET，或选择脑掩膜。</translation>
    </message>
    <message>
        <source>HD-BET, which removes the skull, is not installed.</source>
        <translation>用于去除颅骨的 HD-BET 未安装。</translation>
    </message>
    <message>
        <source>{names} may lie elsewhere and are not registered.</source>
        <translation>{names} 的位置可能不一致，且不会配准。</translation>
    </message>
    <message>
        <source>To be registered: {names}.</source>
        <translation>将配准：{names}。</translation>
    </message>
    <message>
        <source>The brain is where {mask} says.</source>
        <translation>脑的位置由 {mask} 给出。</translation>
    </message>
    <message>
        <source>{names} show a skull, which is not removed.</source>
        <translation>{names} 含颅骨，且不会去除。</translation>
    </message>
    <message>
        <source>The skull will be removed: {names}.</source>
        <translation>将去除颅骨：{names}。</translation>
    </message>
</context>
<context>
    <name>panel.results</name>
    <message>
        <source>Structure</source>
        <translation>结构</translation>
    </message>
    <message>
        <source>Volume (ml)</source>
        <translation>体积 (ml)</translation>
    </message>
    <message>
        <source>{share} % range</source>
        <translation>{share} % 范围</translation>
    </message>
    <message>
        <source>{low} to {high}</source>
        <translation>{low} 至 {high}</translation>
    </message>
    <message>
        <source>Made so that the true volume lies within it in {share} % of cases</source>
        <translation>按 {share} % 的病例真实体积落于其中而设定</translation>
    </message>
</context>
<context>
    <name>panel.running</name>
    <message>
        <source>Segment</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Segment the tumor in the four volumes</source>
        <translation>对四个体积数据中的肿瘤进行分割</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Stop; the scene stays as it is</source>
        <translation>停止；场景保持原样</translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation>正在启动……</translation>
    </message>
    <message>
        <source>, {time} left</source>
        <translation>，剩余 {time}</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
</context>
<context>
    <name>panel.sample</name>
    <message>
        <source>Making a brain...</source>
        <translation>正在生成脑部图像……</translation>
    </message>
</context>
<context>
    <name>panel.thresholding</name>
    <message>
        <source>{now} ml, before {before} ml</source>
        <translation>{now} ml，之前 {before} ml</translation>
    </message>
</context>
<context>
    <name>panel.verdict</name>
    <message>
        <source>This model brings nothing to judge the images by (models calibrate).</source>
        <translation>此模型没有可用于评判图像的依据（models calibrate）。</translation>
    </message>
    <message>
        <source>The images are familiar</source>
        <translation>图像与训练数据相似</translation>
    </message>
    <message>
        <source>The images are unusual: look closely</source>
        <translation>图像不同寻常：请仔细查看</translation>
    </message>
    <message>
        <source>The images are unlike the training data: do not rely on the result</source>
        <translation>图像与训练数据不符：请勿依赖此结果</translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation>分割</translation>
    </message>
</context>
<context>
    <name>setup.accelerator</name>
    <message>
        <source>OpenVINO is not installed: install it, or choose PyTorch.</source>
        <translation>未安装 OpenVINO：请安装，或选择 PyTorch。</translation>
    </message>
    <message>
        <source>OpenVINO {version} is installed; the tested versions are {least} and later, below {below}: install one of them, or choose PyTorch.</source>
        <translation>已安装 OpenVINO {version}；经过测试的版本为 {least} 及以上、低于 {below}：请安装其中之一，或选择 PyTorch。</translation>
    </message>
    <message>
        <source>OpenVINO runs the networks faster on the processor. {package} will be downloaded from the internet (about {size} MB) and installed into Slicer. Each model is converted for it once, when it is first used.</source>
        <translation>OpenVINO 在处理器上更快地运行网络。将从互联网下载 {package}（约 {size} MB）并安装到 Slicer 中。每个模型在首次使用时转换一次。</translation>
    </message>
    <message>
        <source>A model is converted for OpenVINO by PyTorch; install that first.</source>
        <translation>模型由 PyTorch 转换为 OpenVINO 格式；请先安装 PyTorch。</translation>
    </message>
</context>
<context>
    <name>setup.extractor</name>
    <message>
        <source>HD-BET removes the skull from images. {package} will be downloaded from the internet (about {size} MB, its weights included) and installed into Slicer.</source>
        <translation>HD-BET 用于去除图像中的颅骨。将从互联网下载 {package}（约 {size} MB，含权重）并安装到 Slicer。</translation>
    </message>
    <message>
        <source>HD-BET computes with PyTorch; install that first.</source>
        <translation>HD-BET 依赖 PyTorch 计算；请先安装 PyTorch。</translation>
    </message>
</context>
<context>
    <name>setup.installing</name>
    <message>
        <source>Packages are being installed already; wait until that is done.</source>
        <translation>已在安装软件包；请等待安装完成。</translation>
    </message>
</context>
<context>
    <name>setup.optional</name>
    <message>
        <source>Nothing was installed.</source>
        <translation>未安装任何内容。</translation>
    </message>
</context>
<context>
    <name>setup.requirements</name>
    <message>
        <source>All packages that are needed are installed.</source>
        <translation>所需的软件包均已安装。</translation>
    </message>
    <message>
        <source>Nothing was installed.</source>
        <translation>未安装任何内容。</translation>
    </message>
    <message>
        <source>Slicer still uses {names} as it was before the installation; restart Slicer.</source>
        <translation>Slicer 仍在使用安装前的 {names}；请重新启动 Slicer。</translation>
    </message>
    <message>
        <source>The installation of {names} was cut short; install it again.</source>
        <translation>{names} 的安装被中断；请重新安装。</translation>
    </message>
    <message>
        <source>{names} is not installed; it is small.</source>
        <translation>{names} 尚未安装；它的体积很小。</translation>
    </message>
    <message>
        <source>PyTorch is not installed, nor is the extension that brings it: install the extension PyTorch in the Extensions Manager, then restart Slicer.</source>
        <translation>PyTorch 及提供它的扩展均未安装：请在扩展管理器中安装 PyTorch 扩展，然后重新启动 Slicer。</translation>
    </message>
    <message>
        <source>PyTorch, which computes the networks, is not installed.</source>
        <translation>用于计算网络的 PyTorch 尚未安装。</translation>
    </message>
    <message>
        <source>{name} {version} is installed; the tested versions are {least} and later, below {below}.</source>
        <translation>已安装 {name} {version}；经过测试的版本为 {least} 及以上、低于 {below}。</translation>
    </message>
    <message>
        <source>It comes with Slicer: use Slicer 5.10 or later as it was installed.</source>
        <translation>它随 Slicer 提供：请使用未经改动的 Slicer 5.10 或更高版本。</translation>
    </message>
    <message>
        <source>PyTorch is installed by the extension PyTorch; install that in the Extensions Manager first.</source>
        <translation>PyTorch 由 PyTorch 扩展安装；请先在扩展管理器中安装该扩展。</translation>
    </message>
    <message>
        <source>Another module is using PyTorch, so it cannot be replaced; restart Slicer, then install at once.</source>
        <translation>另一个模块正在使用 PyTorch，因此无法替换；请重新启动 Slicer，然后立即安装。</translation>
    </message>
    <message>
        <source>PyTorch was not installed.</source>
        <translation>PyTorch 未安装。</translation>
    </message>
    <message>
        <source>This computer has an NVIDIA GPU, but the installed PyTorch computes on the processor alone.</source>
        <translation>本机有 NVIDIA GPU，但已安装的 PyTorch 只能在处理器上计算。</translation>
    </message>
    <message>
        <source>The GPU does not work, so the processor computes: {problem} Update the NVIDIA driver.</source>
        <translation>GPU 无法工作，改由处理器计算：{problem} 请更新 NVIDIA 驱动程序。</translation>
    </message>
    <message>
        <source>PyTorch {range}, by the extension PyTorch (up to 3 GB)</source>
        <translation>PyTorch {range}，由 PyTorch 扩展安装（最大约 3 GB）</translation>
    </message>
    <message>
        <source>These Python packages will be downloaded from the internet and installed into Slicer:

{packages}</source>
        <translation>将从互联网下载以下 Python 软件包并安装到 Slicer 中：

{packages}</translation>
    </message>
    <message>
        <source>{what} could not be installed ({error}); check the network, and its proxy in a hospital (environment variable HTTPS_PROXY), or install without a network as the README says, then press Install again.</source>
        <translation>无法安装 {what}（{error}）；请检查网络，在医院内还需检查代理（环境变量 HTTPS_PROXY），或按照 README 的说明离线安装，然后再次点击“安装”。</translation>
    </message>
</context>
<context>
    <name>slicer.batch</name>
    <message>
        <source>The scene holds no volumes: load some first.</source>
        <translation>场景中没有图像体：请先加载。</translation>
    </message>
    <message>
        <source>Not recognized among its volumes: {names}.</source>
        <translation>其图像体中未识别出：{names}。</translation>
    </message>
    <message>
        <source>No study waits: add some, or try again those that failed.</source>
        <translation>没有等待中的检查：请添加，或重试失败的检查。</translation>
    </message>
    <message>
        <source>A segmentation is running already: wait for it, or cancel it.</source>
        <translation>已有分割正在运行：请等待其完成，或将其取消。</translation>
    </message>
    <message>
        <source>Two cases are called {names}: their results would be one.</source>
        <translation>有两个病例都名为 {names}：它们的结果会混在一起。</translation>
    </message>
    <message>
        <source>{name} was removed from the scene.</source>
        <translation>{name} 已从场景中删除。</translation>
    </message>
    <message>
        <source>No tumor was found; {seconds} s</source>
        <translation>未发现肿瘤；{seconds} 秒</translation>
    </message>
    <message>
        <source>Whole tumor {volume} ml; {seconds} s</source>
        <translation>全肿瘤 {volume} ml；{seconds} 秒</translation>
    </message>
</context>
<context>
    <name>slicer.cases</name>
    <message>
        <source>{path} cannot be read as a volume.</source>
        <translation>无法将 {path} 读取为体积数据。</translation>
    </message>
    <message>
        <source>{path} cannot be written; is the disk full?</source>
        <translation>无法写入 {path}；磁盘是否已满？</translation>
    </message>
    <message>
        <source>Two cases are called {names}: their results would be one.</source>
        <translation>有两个病例都名为 {names}：它们的结果会混在一起。</translation>
    </message>
</context>
<context>
    <name>slicer.choices</name>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA GPU</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>PyTorch</source>
        <translation>PyTorch</translation>
    </message>
    <message>
        <source>PyTorch, bf16</source>
        <translation>PyTorch，bf16</translation>
    </message>
    <message>
        <source>OpenVINO</source>
        <translation>OpenVINO</translation>
    </message>
    <message>
        <source>OpenVINO, bf16</source>
        <translation>OpenVINO，bf16</translation>
    </message>
    <message>
        <source>Off: as they are</source>
        <translation>关闭：按原样</translation>
    </message>
    <message>
        <source>Separate: core, edema, enhancing tumor</source>
        <translation>独立：坏死与非强化核心、水肿、强化肿瘤</translation>
    </message>
    <message>
        <source>Nested: whole tumor, core, enhancing tumor</source>
        <translation>嵌套：全肿瘤、肿瘤核心、强化肿瘤</translation>
    </message>
</context>
<context>
    <name>slicer.exporting</name>
    <message>
        <source>The segmentation has lost its volume; segment again.</source>
        <translation>该分割已失去对应的体积数据；请重新分割。</translation>
    </message>
</context>
<context>
    <name>slicer.handing</name>
    <message>
        <source>{name} was removed from the scene.</source>
        <translation>{name} 已从场景中删除。</translation>
    </message>
</context>
<context>
    <name>slicer.inspecting</name>
    <message>
        <source>The map cannot be read ({error}); choose it again.</source>
        <translation>无法读取该图（{error}）；请重新选择。</translation>
    </message>
    <message>
        <source>The map is not on the grid of the reference volume; segment again.</source>
        <translation>该图不在参考体积数据的网格上；请重新分割。</translation>
    </message>
</context>
<context>
    <name>slicer.jobs</name>
    <message>
        <source>A segmentation is running already: wait for it, or cancel it.</source>
        <translation>已有分割正在运行：请等待其完成，或将其取消。</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <source>{name} was removed from the scene, so the segmentation was stopped.</source>
        <translation>{name} 已从场景中删除，因此分割已停止。</translation>
    </message>
</context>
<context>
    <name>slicer.measuring</name>
    <message>
        <source>{name} has lost its volume or its segments; segment again.</source>
        <translation>{name} 已失去其体积数据或分割段；请重新分割。</translation>
    </message>
</context>
<context>
    <name>slicer.phantoms</name>
    <message>
        <source>The phantom could not be made ({reason}); try again.</source>
        <translation>无法生成体模（{reason}）；请重试。</translation>
    </message>
</context>
<context>
    <name>slicer.restyling</name>
    <message>
        <source>{name} has lost its volume; segment again.</source>
        <translation>{name} 已失去对应的体积数据；请重新分割。</translation>
    </message>
</context>
<context>
    <name>slicer.samples</name>
    <message>
        <source>Brain tumor segmentation</source>
        <translation>脑肿瘤分割</translation>
    </message>
    <message>
        <source>Making the phantom...</source>
        <translation>正在生成体模……</translation>
    </message>
    <message>
        <source>The phantom could not be made.</source>
        <translation>无法生成体模。</translation>
    </message>
</context>
<context>
    <name>slicer.segmenting</name>
    <message>
        <source>This runs already: wait for it, or stop it.</source>
        <translation>此项已在运行：请等待其完成，或将其停止。</translation>
    </message>
    <message>
        <source>Cancelled; the scene is as it was.</source>
        <translation>已取消；场景保持原样。</translation>
    </message>
</context>
</TS>
