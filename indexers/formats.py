"""The formats that are known by name: suffixes, kind, words for users and who reads them.

One table; detection, the registry and the documentation come from it.  An empty `reader`
means that there is no text to read by design.
"""

from __future__ import annotations

from dataclasses import dataclass

from semfs.indexers.languages import LANGUAGES
from semfs.model import Kind


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `reader` is "module:Class" or "module:Class:argument" below semfs.indexers."""

    name: str
    kind: Kind
    words: str  # as in "not a PDF file after all"
    reader: str = ""
    suffixes: str = ""  # space-separated, without the dots
    textual: bool = False  # its bytes are text, so only the name can tell which format it is
    tagged: bool = False  # it has no text, and is read for what it says about itself, if it does
    library: str = ""  # what it is read through, with its licence if that is not permissive
    keeps: str = ""  # what is kept besides the text: places, headings, metadata


FORMATS = (
    Format(
        "pdf", Kind.PDF, "a PDF file", "pdf:Pdf", "pdf",
        library="pypdfium2 (PDFium); rapidocr for pages that are pictures",
        keeps="pages; bookmarks as headings; rows of tables with their columns; title, author, date",
    ),
    Format(
        "docx", Kind.DOCUMENT, "a Word document", "word:Word", "docx docm dotx dotm",
        library="python-docx",
        keeps="heading paths; tables as rows, text boxes, notes; title, author, date; text in pictures",
    ),
    Format(
        "odt", Kind.DOCUMENT, "an OpenDocument text", "odf:OdfText", "odt ott",
        library="lxml", keeps="heading paths; title, author, date; text in pictures",
    ),
    Format(
        "rtf", Kind.DOCUMENT, "an RTF document", "rtf:Rtf", "rtf",
        library="striprtf", keeps="title, author, date",
    ),
    Format(
        "doc", Kind.DOCUMENT, "an old Word document", "legacy:OldWord", "doc dot",
        library="office-oxide; olefile for properties",
        keeps="heading paths; tables as rows, notes, headers and footers; title, author, date",
    ),
    Format(
        "xlsx", Kind.SPREADSHEET, "a spreadsheet", "sheets:Sheets", "xlsx xlsm xlsb xltx xltm xlam",
        library="python-calamine",
        keeps="sheets; each row with the names of its columns; title, author, date; text in pictures",
    ),
    Format(
        "xls", Kind.SPREADSHEET, "an old spreadsheet", "sheets:Sheets", "xls xlt xla",
        library="python-calamine; olefile for properties",
        keeps="sheets; each row with the names of its columns; title, author, date",
    ),
    Format(
        "ods", Kind.SPREADSHEET, "an OpenDocument spreadsheet", "sheets:Sheets", "ods ots",
        library="python-calamine",
        keeps="sheets; each row with the names of its columns; title, author, date; text in pictures",
    ),
    Format(
        "pptx", Kind.PRESENTATION, "a presentation", "slides:Slides", "pptx pptm ppsx ppsm potx potm",
        library="python-pptx",
        keeps="slides, their titles as headings; speaker's notes; title, author, date; text in pictures",
    ),
    Format(
        "odp", Kind.PRESENTATION, "an OpenDocument presentation", "odf:OdfSlides", "odp otp",
        library="lxml", keeps="slides, their titles as headings; title, author, date; text in pictures",
    ),
    Format(
        "ppt", Kind.PRESENTATION, "an old presentation", "legacy:OldSlides", "ppt pps pot",
        library="office-oxide; olefile for properties",
        keeps="slides, their titles as headings; title, author, date",
    ),
    Format(
        "epub", Kind.EBOOK, "an EPUB book", "epub:Epub", "epub",
        library="zipfile, lxml",
        keeps="chapters in reading order, heading paths; title, author, date, language; text in pictures",
    ),
    Format(
        "eml", Kind.EMAIL, "an e-mail", "mail:Mail", "eml", True,
        library="email; lxml for HTML",
        keeps="subject as title, sender, recipients, date; attachments as members",
    ),
    Format(
        "mbox", Kind.EMAIL, "a mailbox", "mail:Mailbox", "mbox mbx", True,
        library="email; lxml for HTML",
        keeps="a section a message; all senders and recipients, the newest date; attachments as members",
    ),
    Format(
        "msg", Kind.EMAIL, "an Outlook message", "outlook:OutlookMessage", "msg",
        library="olefile", keeps="subject as title, sender, recipients, date; attachments as members",
    ),
    Format(
        "markdown", Kind.MARKDOWN, "Markdown", "markdown:Markdown", "md markdown mdown mkd mdx qmd", True,
        library="own", keeps="lines, heading paths; front matter: title, author, date, language",
    ),
    Format(
        "rst", Kind.TEXT, "reStructuredText", "rst:Rst", "rst rest", True,
        library="own", keeps="lines, heading paths; fields as in PEPs: title, author, date",
    ),
    Format(
        "asciidoc", Kind.TEXT, "AsciiDoc", "markup:AsciiDoc", "adoc asciidoc asc", True,
        library="own", keeps="lines, heading paths; title, author, date, language",
    ),
    Format(
        "org", Kind.TEXT, "an Org file", "markup:Org", "org", True,
        library="own", keeps="lines, heading paths; title, author, date, language",
    ),
    Format(
        "latex", Kind.TEXT, "LaTeX", "latex:Latex", "tex ltx latex", True,
        library="own", keeps="lines, heading paths; title, author, date, language",
    ),
    Format(
        "subtitles", Kind.TEXT, "subtitles", "subtitles:Subtitles", "srt vtt ass ssa", True,
        library="own", keeps="lines, the minute as heading; title",
    ),
    Format(
        "html", Kind.HTML, "a web page", "html:Html", "html htm xhtml xht shtml", True,
        library="lxml", keeps="heading paths; title, author, date, language",
    ),
    Format(
        "csv", Kind.DATA, "a table", "data:Csv", "csv tsv tab psv", True,
        library="csv", keeps="lines; each row with the names of its columns",
    ),
    Format(
        "json", Kind.DATA, "JSON", "data:Json", "json geojson webmanifest", True,
        library="json", keeps="lines",
    ),
    Format(
        "notebook", Kind.CODE, "a notebook", "data:Notebook", "ipynb", True,
        library="json", keeps="cells",
    ),
    Format(
        "xml", Kind.DATA, "XML", "tree:Xml", "xml xsd xsl xslt plist kml gpx rss atom opml xliff tmx", True,
        library="lxml", keeps="lines, the elements around as heading; title, author, date, language",
    ),
    Format(
        "yaml", Kind.DATA, "YAML", "settings:Yaml", "yaml yml", True,
        library="own", keeps="lines, the path of keys as heading",
    ),
    Format(
        "toml", Kind.DATA, "TOML or an INI file", "settings:Tables", "toml ini cfg conf desktop", True,
        library="own", keeps="lines, the table as heading",
    ),
    Format(
        "ics", Kind.DATA, "a calendar", "cards:Calendar", "ics ical", True,
        library="own", keeps="lines, events as headings; title, organizer as author, attendees, date",
    ),
    Format(
        "vcf", Kind.DATA, "contacts", "cards:Contacts", "vcf vcard", True,
        library="own", keeps="lines, names as headings; title",
    ),
    Format(
        "data", Kind.DATA, "data", "text:Data", "jsonl ndjson json5 properties sql bib ris po", True,
        library="own", keeps="lines",
    ),
    *(
        Format(
            language.name, Kind.CODE, language.words, f"code:Code:{language.name}", language.suffixes, True,
            library=language.wheel, keeps="lines; the path of definitions, such as class and method",
        )
        for language in LANGUAGES
    ),
    Format(
        "code", Kind.CODE, "other source code", "text:Code",
        "m mm groovy gradle vue svelte css scss sass less pl pm r jl hs ml mli fs fsx vb dart zig nim ex exs "
        "erl clj cljs lisp el scm rkt asm s fish ps1 bat cmd awk sed tcl cmake mk make dockerfile tf hcl "
        "proto thrift graphql vim f f90 f95 for pas adb ads d v sv vhd vhdl nix diff patch",
        True, library="own", keeps="lines",
    ),
    Format(
        "text", Kind.TEXT, "text", "text:Text",
        "txt text log textile wiki nfo me readme sub lst", True,
        library="chardet, where it is not UTF-8 and declares nothing", keeps="lines",
    ),
    Format(
        "image", Kind.IMAGE, "a picture", "image:Image", tagged=True,
        suffixes="png jpg jpeg jpe gif bmp tif tiff webp heic heif avif jp2 j2k jpx pbm pgm ppm pnm ico svgz "
        "psd xcf raw cr2 nef arw dng wmf emf eps ai dwg dxf",
        library="ExifRead for the tags; Pillow and pi-heif (LGPL), rapidocr for the text in it",
        keeps="description as title, artist, when it was taken; words, camera and what stands in it as text",
    ),
    Format(
        "svg", Kind.IMAGE, "a drawing", "svg:Svg", "svg", textual=True, tagged=True,
        library="lxml", keeps="title; labels and descriptions as text",
    ),
    Format(
        "audio", Kind.AUDIO, "a sound recording", "recording:Sound", tagged=True,
        suffixes="mp3 wav flac ogg oga opus m4a aac wma aif aiff mid midi",
        library="tinytag", keeps="title, artist, year; album, genre, comment and lyrics as text",
    ),
    Format(
        "video", Kind.VIDEO, "a film", "recording:Film", tagged=True,
        suffixes="mp4 m4v mkv webm avi mov wmv flv mpg mpeg 3gp ogv mts m2ts",
        library="tinytag; the header of MP4 and MOV by struct",
        keeps="title, artist, year or when it was recorded; album, genre and comment as text",
    ),
    Format(
        "archive", Kind.ARCHIVE, "an archive", "archive:Archive",
        "zip tar gz tgz bz2 tbz tbz2 xz txz zst tzst lzma 7z rar jar war ear whl",
        library="libarchive-c, libarchive of the system",
        keeps="each member as its own indexer reads it, its path as the first heading",
    ),
    Format(
        "package", Kind.ARCHIVE, "an archive of another sort",
        suffixes="lz ar deb rpm apk iso dmg cab cpio",
    ),
    Format("apple", Kind.DOCUMENT, "an iWork document, export it to read it", suffixes="pages numbers"),
    Format(
        "other", Kind.DOCUMENT, "in a format that semfs cannot read yet",
        suffixes="vsd vsdx pub one mpp wps wpd xps oxps djvu chm azw azw3 mobi fb2 indd hwp",
    ),
    Format(
        "binary", Kind.OTHER, "a binary file",
        suffixes="so o a dll exe dylib pyc pyo class bin dat db sqlite sqlite3 mdb accdb parquet npy npz "
        "pkl pt safetensors gguf onnx ttf otf woff woff2 wasm",
    ),
)  # fmt: skip

BY_NAME = {format.name: format for format in FORMATS}
BY_SUFFIX = {suffix: format for format in reversed(FORMATS) for suffix in format.suffixes.split()}
BY_FILE_NAME = {  # lower case, files that go by their whole name
    **dict.fromkeys(
        ["makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "rakefile", "gemfile",
         "vagrantfile", "cmakelists.txt", "justfile", "procfile", ".vimrc"],
        BY_NAME["code"],
    ),
    **dict.fromkeys([".bashrc", ".profile", ".zshrc", ".bash_profile"], BY_NAME["shell"]),
    **dict.fromkeys(
        ["readme", "license", "licence", "copying", "authors", "changelog", "changes", "news", "notice",
         "todo", "install", "contributing", "maintainers"],
        BY_NAME["text"],
    ),
    "inbox": BY_NAME["mbox"],
    "sent": BY_NAME["mbox"],
}  # fmt: skip


def suffix_of(path: str) -> str:
    """Return the suffix in lower case without its dot, "" for none; `.bashrc` has none."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


def by_name(path: str) -> Format | None:
    """Return what the name alone says, without touching the file."""
    whole = path.rpartition("/")[2].lower()
    return BY_FILE_NAME.get(whole) or BY_SUFFIX.get(suffix_of(path))
