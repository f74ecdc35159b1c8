"""CSV and XML feeds, whose cells and elements hold text: a list or a record in one is JSON."""

from __future__ import annotations

from typing import Any

from scrapy.exporters import CsvItemExporter, XmlItemExporter

from newscrawl.archive.records import encode_value
from newscrawl.items import Article

_PLAIN = (str, int, float, bool)


class ArticleCsvExporter(CsvItemExporter):
    """Scrapy's own, which writes the repr of what is nested, for articles. An empty cell is null."""

    def export_item(self, item: Any) -> None:
        self._is_article = isinstance(item, Article)
        super().export_item(item)

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        if self._is_article and value is not None and not isinstance(value, _PLAIN):
            return encode_value(value)
        return super().serialize_field(field, name, value)


class ArticleXmlExporter(XmlItemExporter):
    """Scrapy's own, which writes the repr of what is nested, for articles. An empty element is null."""

    def export_item(self, item: Any) -> None:
        self._is_article = isinstance(item, Article)
        super().export_item(item)

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        if self._is_article and value is None:
            return ""
        if self._is_article and not isinstance(value, _PLAIN):
            return encode_value(value)
        return super().serialize_field(field, name, value)
