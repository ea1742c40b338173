"""What does the name of a file say about it?"""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """Return the words of *text*."""
    return frozenset(text.split())


_IMAGES = words(
    "jpg jpeg jpe jfif pjpeg pjp png apng gif webp avif bmp dib tif tiff svg svgz ico "
    "heic heif jxl jp2 j2k jpx"
)
# Not what pages are named after: ``/wiki/Next.js``, ``/tools/example.ai``.
_BINARIES = words(
    "zip rar 7z gz tgz bz2 tbz xz txz zst tar lz lzma cab iso img dmg pkg deb rpm apk ipa jar war "
    "exe msi bin bat dll "
    "mp3 m4a aac ogg oga opus flac wav wma mid midi aiff amr "
    "mp4 m4v mkv webm avi mov wmv flv mpg mpeg 3gp ogv m3u8 swf "
    "pdf eps psd indd sketch doc docx docm dot dotx xls xlsx xlsm ppt pptx pps ppsx odt ods "
    "odp odg rtf epub mobi azw3 djvu csv "
    "woff woff2 ttf otf eot css json xml rss atom torrent ics vcf"
)
# All words of the name are of these, and one is of the first group.
_PLACEHOLDER = words(
    "blank spacer placeholder loading loader lazy lazyload lazyloader lazyloading transparent "
    "pixel px empty dummy clear spinner preload preloader noimage grey gray"
)
_FILLER = words(
    "img image images default white black bg background small large icon ajax bar circle x w h "
    "thumb product photo picture load svg gif no trans"
)
_ABOUT_A_FILE = re.compile(r"/(?:blob|tree|blame|commits)/")
_WORD = re.compile(r"[a-z]+")
_DOT_SIZE = re.compile(r"(?:\D|\A)[01]x[01](?:\D|\Z)")
_RENDITION = re.compile(r"(?:[-_]\d{1,5}x\d{1,5}|@\d(?:\.\d)?x|-scaled)+\Z")


def _file(url: str) -> tuple[str, str]:
    """Return the last path segment of *url* in lower case: what is before and after its dot."""
    path = url.partition("#")[0].partition("?")[0]
    name = path.rpartition("/")[2].partition(";")[0].strip().lower()
    stem, dot, extension = name.rpartition(".")
    return (stem, extension) if dot else (name, "")


def is_image_file(url: str) -> bool:
    """Tell whether the path of *url*, absolute or not, ends like that of an image file.

    MediaWiki's description pages, ``/wiki/File:Cat.jpg``, are pages, and so are those about a
    file on a code host, ``/blob/main/cat.jpg``.
    """
    stem, extension = _file(url)
    return extension in _IMAGES and not (
        (":" in stem and "/" in url) or ("/" in url and _ABOUT_A_FILE.search(url))
    )


def is_other_file(url: str) -> bool:
    """Tell whether *url*, with a path, names neither an image nor a page: an archive, a film."""
    return _file(url)[1] in _BINARIES


def is_placeholder(url: str) -> bool:
    """Tell whether *url* names what stands in until a script loads the picture."""
    stem = _file(url)[0]
    parts = set(_WORD.findall(stem))
    if parts - _PLACEHOLDER <= _FILLER and (parts & _PLACEHOLDER or _DOT_SIZE.search(stem)):
        return True
    return stem in ("1x1", "1", "0", "s", "t", "x") and url.partition("?")[0].endswith(".gif")


def picture_key(url: str) -> str:
    """Return what two renditions of one picture have in common.

    ``cat-300x200.jpg``, ``cat@2x.webp`` and ``cat.jpg?w=300`` all give ``cat``.
    """
    return _RENDITION.sub("", _file(url)[0])
