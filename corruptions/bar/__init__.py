"""The corruptions of CIFAR-10-C-bar and ImageNet-C-bar, chosen to look unlike those of the -C sets.

Every corruption has a strength on one scale from 0 to 10, and each benchmark takes five points of
it, not evenly spaced. Those points are the rows of a corruption's ``STRENGTH``; severity 1 to 5
counts them, as the folders of the published ImageNet-C-bar do. The script that makes ImageNet-C-bar
names its folders by the points themselves.

The benchmarks' images are square. On others, a length given as a fraction of the image's side means
the shorter side unless a corruption says otherwise.

Source: Mintun, Kirillov & Xie 2021, "On Interaction Between Augmentations and Corruptions in Natural
Corruption Robustness", section 6 and appendix, and the imagenet_c_bar scripts of its code.
"""
