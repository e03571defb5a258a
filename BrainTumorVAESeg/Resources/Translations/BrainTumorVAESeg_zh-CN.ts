<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh-CN" sourcelanguage="en-US">
<context>
    <name>BrainTumorVAESeg</name>
    <message>
        <source>Brain Tumor VAE Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments a pre-operative glioma in T1, T1ce, T2 and FLAIR MR volumes of one examination, skull-stripped, with a two-stage, VAE-regularized network on the local GPU or processor. For research use only; not a medical device. See the &lt;a href="{url}"&gt;documentation&lt;/a&gt;.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The networks are those of A. Myronenko (2018, arXiv 1810.11654) and of C. Lyu and H. Shu (2020, arXiv 2011.02881). Data sets that the weights were trained on are named in each model's card.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene was closed, so the segmentation was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All tests passed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install what is missing, after asking you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T1-weighted, without contrast agent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select a volume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T1-weighted, with contrast agent; the result lies on its grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T1ce</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T2-weighted</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>T2-FLAIR</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>FLAIR</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The findings stay in the result. For images that you have looked at and know to be right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment in spite of these errors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the volumes by their names and series descriptions; what is ambiguous stays open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Assign automatically</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load a made brain with a tumor, to try the module with; it needs no network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load a made case</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model package that segments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install a model package from its zip file; it is verified first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the chosen package, if you installed it yourself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation that is written; running again replaces its tumor segments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create a new one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which segments are made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Separate: core, edema and enhancing tumor do not overlap. Nested: whole tumor, tumor core and enhancing tumor, each within the one before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where to compute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where to compute. Automatic takes an NVIDIA GPU that works, else the processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open what the segmenting process wrote, to see or to send what went wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Results</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make surfaces of the segments and show them in the 3D views</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show in 3D</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How opaque the segments are filled in the slice views; their outlines stay</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fill</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Made for pre-operative glioma of adults. For research use only; not a medical device.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.inputs</name>
    <message>
        <source>Choose the {modality} volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is chosen for {modality} as well: give each its own volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the volumes...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.models</name>
    <message>
        <source>No model package is installed: import one under Model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model package {name} is no longer there: choose another under Model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (not installed)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import a model package</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model packages (*.zip)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the model package {name} from this computer?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (damaged)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model package {name} is not installed: import it, or choose another.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.notice</name>
    <message>
        <source>Install...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open the Extensions Manager</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart Slicer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.panel</name>
    <message>
        <source>Cancelled; the scene is as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The volumes have errors, which stand under Inputs: mend them, or choose to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Done in {seconds} s.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.results</name>
    <message>
        <source>Structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume (ml)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.running</name>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment the tumor in the four volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; the scene stays as it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, {time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{device}, {free} GB of memory free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>panel.sample</name>
    <message>
        <source>Making a brain...</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.assignment</name>
    <message>
        <source>{name} is {named} by its name, but {described} by its series description '{description}'; choose the volume yourself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by the series description '{description}'</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by its name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The scene holds several cases, each with volumes that fit; choose {modality} yourself: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{names} could be {modality}, but of another case than the other volumes; choose it if it is right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} volumes could be {modality}: {names}; choose one.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.cases</name>
    <message>
        <source>{path} cannot be read as a volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Two cases are called {names}: their results would be one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written; is the disk full?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.choices</name>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NVIDIA GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Separate: core, edema, enhancing tumor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nested: whole tumor, core, enhancing tumor</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.client</name>
    <message>
        <source>The worker gave no answer within {n} seconds; try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker did not answer in time; try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled; nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.handover</name>
    <message>
        <source>{name}: its voxels are no numbers; convert the volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker's labels cannot be read ({error}); segment again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker's labels are not on the grid of the reference volume; segment again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.launch</name>
    <message>
        <source>Slicer's Python (PythonSlicer) is not found; install Slicer again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.output</name>
    <message>
        <source>{name} tumor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By {model} {version} on {device} in {seconds} s.</source>
        <translation type="unfinished"></translation>
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
    <name>slicer.process</name>
    <message>
        <source>The worker cannot be started: Slicer's Python does not run; install Slicer again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>exit code {n}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker cannot start ({reason}); install the module's packages again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker was ended, perhaps for lack of memory; close other programs and try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The worker ended unexpectedly with exit code {n}; try again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.replacing</name>
    <message>
        <source>{name}: the segment {key} cannot be added; choose a new segmentation.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.requirements</name>
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
    <name>slicer.samples</name>
    <message>
        <source>Brain tumor segmentation</source>
        <translation>脑肿瘤分割</translation>
    </message>
    <message>
        <source>There is no sample case {name}; choose one of {names}.</source>
        <translation>没有名为 {name} 的示例病例；请从 {names} 中选择。</translation>
    </message>
    <message>
        <source>{name} could not be downloaded; check the network, or take the phantom, which needs none.</source>
        <translation>无法下载 {name}；请检查网络，或使用无需网络的体模。</translation>
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
        <source>Cancelled; the scene is as it was.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A segmentation is running already: wait for it, or cancel it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed from the scene, so the segmentation was stopped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has lost its volume; segment again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed from the scene.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.segments</name>
    <message>
        <source>{name} holds no segment of the tumor; segment the volumes first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The segmentation was removed from the scene; choose or make another and segment again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is no longer of the size that was segmented; segment again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds surfaces or lies under a nonlinear transform; choose another segmentation.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.stages</name>
    <message>
        <source>Stage 2, region {number} of {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Handing over the volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Checking the volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing the volumes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stage 1, the whole brain</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stage 2, the tumor's region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bringing the result to the volume's grid</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writing the segments</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.tables</name>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Structure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Volume (ml)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Label or region of BraTS; the regions WT, TC and ET lie in each other</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Number of voxels times the volume of one, in milliliters</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>slicer.volumes</name>
    <message>
        <source>{size} at {spacing} mm, {axes}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No volume is chosen; choose one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was removed from the scene; choose another volume.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is a label map; choose the MR image itself.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is no volume; choose an MR image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds several values in each voxel; choose a gray-scale MR image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} holds no image; load it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is a single slice; choose a 3D image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} lies under a nonlinear transform; harden the transform in the module Transforms.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has no usable grid: {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has axes that are not at right angles; resample it on another volume's grid first.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
