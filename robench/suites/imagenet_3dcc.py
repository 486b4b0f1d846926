"""ImageNet-3DCC: 12 corruptions x 5 severities of ImageNet's validation images that know the scene's depth.

The corruptions need a depth map of every photograph, so that only the published files are evaluated, never images made
on the fly. They are ``<corruption>/<severity>/<wnid>/<name>.JPEG`` of 224 pixels, made from photographs resized to 256
and cropped, and are shown as they are stored. The order is that of the authors' list of archives. Errors are
unnormalised.

Source: Kar et al. 2022, "3D Common Corruptions and Data Augmentation", github.com/EPFL-VILAB/3DCommonCorruptions.
"""

from corruptions import SEVERITIES
from robench.suites.suite import Suite

CORRUPTIONS = (
    "near_focus",
    "far_focus",
    "fog_3d",
    "flash",
    "color_quant",
    "low_light",
    "xy_motion_blur",
    "z_motion_blur",
    "iso_noise",
    "bit_error",
    "h265_abr",
    "h265_crf",
)

SUITES = {
    "imagenet-3dcc": Suite(
        name="imagenet-3dcc",
        summary="ImageNet-3DCC: 12 corruptions x 5 severities that know the depth, from their folder",
        dataset="imagenet",
        corruptions=CORRUPTIONS,
        severities=SEVERITIES,
        preset="imagenet",
        folder="ImageNet-3DCC",
        tree_side_px=224,
        folder_only=True,
    )
}
