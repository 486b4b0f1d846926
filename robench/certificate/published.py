"""The md5 of the published files that are known.

Source: the files of Zenodo record 2535967 (CIFAR-10-C), Hendrycks & Dietterich 2019. All but jpeg_compression are
equal, byte for byte, to what ``robench generate`` makes; that one was encoded by libjpeg 9a, today's libraries hold
libjpeg-turbo.
"""

PUBLISHED_MD5 = {
    "cifar-10": {
        "labels.npy": "c439b113295ed5254878798ffe28fd54",
        "brightness.npy": "0a81ef75e0b523c3383219c330a85d48",
        "contrast.npy": "3c8262171c51307f916c30a3308235a8",
        "defocus_blur.npy": "7d1322666342a0702b1957e92f6254bc",
        "gaussian_blur.npy": "c33370155bc9b055fb4a89113d3c559d",
        "jpeg_compression.npy": "2b9cc4c864e0193bb64db8d7728f8187",
        "pixelate.npy": "0f14f7e2db14288304e1de10df16832f",
        "saturate.npy": "1cfae0964219c5102abbb883e538cc56",
        "zoom_blur.npy": "6ea8e63f1c5cdee1517533840641641b",
    }
}
