"""The words that people use for kinds of files, in six languages; a row asks for one thing.

Words of English, German, French and Spanish stand in the same tables: a query is in no
declared language, and the words of one are not those of another for something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from semfs.model import Kind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a word for a kind asks for; empty means any file at all."""

    kinds: frozenset[Kind] = frozenset()
    suffixes: frozenset[str] = frozenset()

    def __str__(self) -> str:
        named = sorted(f"kind {kind}" for kind in self.kinds) + sorted(self.suffixes)
        return " or ".join(named) or "any file"

    def __bool__(self) -> bool:
        return bool(self.kinds or self.suffixes)

    @classmethod
    def either(cls, several: Iterable[Wanted]) -> Wanted:
        """Return what asks for any of these; any file if one of them does."""
        given = list(several)
        if not all(given):
            return cls()
        return cls(
            frozenset().union(*(one.kinds for one in given)),
            frozenset().union(*(one.suffixes for one in given)),
        )


def table(*rows: tuple[str, str]) -> dict[str, Wanted]:
    """Return word -> what it asks for; words separated by `/`, targets (kinds, suffixes) by spaces."""
    table = {}
    for words, targets in rows:
        parts = targets.split()
        wanted = Wanted(
            frozenset(Kind(part) for part in parts if part[0] != "."),
            frozenset(part for part in parts if part[0] == "."),
        )
        table.update(dict.fromkeys(words.split("/"), wanted))
    return table


# Many of them: at the head of a query they are a filter, and at the end of a short one.
PLURAL: Final = table(
    ("files/documents/docs/everything/things", ""),
    ("pdfs/pdf files/pdf documents/pdf", "pdf"),
    ("spreadsheets/spreadsheet files", "spreadsheet .csv"),
    ("excel files/excel sheets/excel spreadsheets", ".xlsx .xls .xlsm .xlsb"),
    ("word files/word documents/word docs", ".docx .doc .docm"),
    ("csvs/csv files", ".csv .tsv"),
    ("json files", ".json .jsonl .ndjson"),
    ("xml files", ".xml"),
    ("yaml files", ".yaml .yml"),
    ("data files", "data"),
    ("emails/e-mails/mails/email messages/mail messages", "email"),
    ("slides/slide decks/slideshows/presentations/powerpoints/powerpoint files", "presentation"),
    ("ebooks/e-books/epubs/epub files", "ebook"),
    ("markdown files/markdown documents", "markdown"),
    ("text files/plain text files/txt files", "text"),
    ("html files/html pages/web pages/webpages", "html"),
    ("source files/code files/source code/scripts", "code"),
    ("python files/python scripts/python source files", ".py .pyi"),
    ("javascript files", ".js .mjs .cjs .jsx"),
    ("shell scripts", ".sh .bash .zsh"),
    ("photos/photographs/pictures/images/image files/screenshots", "image"),
    ("jpegs/jpgs/jpeg files/jpg files", ".jpg .jpeg"),
    ("pngs/png files", ".png"),
    ("videos/video files/movies", "video"),
    ("audio files/sound files/mp3s/voice memos", "audio"),
    ("archives/zip files/zips/tarballs", "archive"),
    # German
    ("dateien/dokumente/unterlagen", ""),
    ("pdf-dateien/pdf-dokumente", "pdf"),
    ("tabellen/kalkulationstabellen", "spreadsheet .csv"),
    ("excel-dateien/excel-tabellen/exceltabellen", ".xlsx .xls .xlsm .xlsb"),
    ("word-dateien/word-dokumente", ".docx .doc .docm"),
    ("csv-dateien", ".csv .tsv"),
    ("fotos/bilder/fotografien/bilddateien/aufnahmen", "image"),
    ("präsentationen/folien/powerpoint-präsentationen", "presentation"),
    ("textdateien", "text"),
    ("videodateien/filme", "video"),
    ("audiodateien/tonaufnahmen/sprachnotizen", "audio"),
    ("archivdateien/zip-dateien", "archive"),
    ("e-bücher", "ebook"),
    # French
    ("fichiers", ""),
    ("fichiers pdf/documents pdf", "pdf"),
    ("feuilles de calcul/tableurs", "spreadsheet .csv"),
    ("fichiers excel", ".xlsx .xls .xlsm .xlsb"),
    ("fichiers word/documents word", ".docx .doc .docm"),
    ("fichiers csv", ".csv .tsv"),
    ("courriels/courriers électroniques/e-mails", "email"),
    ("photographies", "image"),
    ("présentations/diapositives/diaporamas", "presentation"),
    ("vidéos", "video"),
    ("fichiers audio/enregistrements audio", "audio"),
    ("livres électroniques", "ebook"),
    # Spanish
    ("archivos/documentos/ficheros", ""),
    ("archivos pdf/documentos pdf", "pdf"),
    ("hojas de cálculo", "spreadsheet .csv"),
    ("archivos excel/archivos de excel/hojas de excel", ".xlsx .xls .xlsm .xlsb"),
    ("archivos word/documentos word/documentos de word", ".docx .doc .docm"),
    ("archivos csv", ".csv .tsv"),
    ("correos electrónicos/correos", "email"),
    ("fotografías/imágenes", "image"),
    ("presentaciones/diapositivas", "presentation"),
    ("vídeos", "video"),
    ("archivos de audio/grabaciones de audio", "audio"),
    ("libros electrónicos", "ebook"),
)
# One of them: a filter only where "about", "from", "with" … follows.
SINGULAR: Final = table(
    ("file/document", ""),
    ("pdf file/pdf document", "pdf"),
    ("spreadsheet", "spreadsheet .csv"),
    ("excel file/excel sheet", ".xlsx .xls .xlsm .xlsb"),
    ("word file/word document", ".docx .doc .docm"),
    ("csv file", ".csv .tsv"),
    ("email/e-mail/mail", "email"),
    ("presentation/slide deck/powerpoint", "presentation"),
    ("ebook/e-book", "ebook"),
    ("photo/photograph/picture/screenshot", "image"),
    ("video", "video"),
    ("datei", ""),
    ("tabelle", "spreadsheet .csv"),
    ("foto/bild/fotografie", "image"),
    ("präsentation", "presentation"),
    ("fichier", ""),
    ("feuille de calcul/tableur", "spreadsheet .csv"),
    ("courriel", "email"),
    ("photographie", "image"),
    ("présentation/diaporama", "presentation"),
    ("archivo/fichero/documento", ""),
    ("hoja de cálculo", "spreadsheet .csv"),
    ("correo electrónico/correo", "email"),
    ("fotografía/imagen", "image"),
    ("presentación", "presentation"),
)
# The name of a format before what it holds, "pdf invoices": a filter only before a plural, and only
# names that nobody writes about ("json parsers" and "html pages" may be the topic).
BEFORE: Final = table(
    ("pdf", "pdf"),
    ("docx", ".docx"),
    ("xlsx", ".xlsx"),
    ("excel", ".xlsx .xls .xlsm .xlsb"),
    ("pptx", ".pptx"),
    ("powerpoint", "presentation"),
    ("epub", ".epub"),
    ("rtf", ".rtf"),
    ("odt", ".odt"),
)

# Chinese and Japanese: at the end of a query, where the head of a phrase stands, or the whole of it.
UNSPACED: Final = table(
    ("文件/文档/文檔/檔案/ファイル/文書/書類/ドキュメント", ""),
    ("pdf文件/pdf文档/pdf檔/pdf/pdfファイル/pdf文書", "pdf"),
    ("表格/电子表格/試算表/スプレッドシート/表計算/表計算ファイル", "spreadsheet .csv"),
    ("excel/excel文件/excel表格/excel表/excelファイル/エクセル/エクセルファイル", ".xlsx .xls .xlsm .xlsb"),
    ("word/word文件/word文档/wordファイル/ワード文書/ワードファイル", ".docx .doc .docm"),
    ("csv文件/csv/csvファイル", ".csv .tsv"),
    ("邮件/电子邮件/郵件/電子郵件/メール/電子メール/eメール", "email"),
    ("幻灯片/演示文稿/簡報/ppt/スライド/プレゼン/プレゼンテーション/プレゼン資料", "presentation"),
    ("电子书/電子書/電子書籍", "ebook"),
    ("文本文件/纯文本/テキストファイル", "text"),
    ("网页/網頁/ウェブページ", "html"),
    ("代码文件/源代码/源文件/ソースコード", "code"),
    ("照片/相片/图片/圖片/截图/写真/画像/スクリーンショット", "image"),
    ("视频/影片/視頻/動画/ビデオ/動画ファイル", "video"),
    ("音频/录音/音訊/音声/録音/音声ファイル", "audio"),
    ("压缩包/压缩文件/壓縮檔/圧縮ファイル/アーカイブ", "archive"),
)
