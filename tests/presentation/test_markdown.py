"""Replies in Markdown tables, as a renderer of CommonMark with tables and strikethrough reads them."""

from __future__ import annotations

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from wethink_assets.presentation.markdown import cell, code

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@given(st.text(alphabet=st.sampled_from("\\`|*_~[]!()<>&#:/ ab1\n\u00e9图"), max_size=60))
@example("![x](http://tracker/a.png)")
@example("[click](javascript:alert(1))")
@example("<img src=x onerror=alert(1)> &lt;b&gt; &amp;")
@example("`a|b` ~~no~~ **bold** _it_ \\| <https://a.b>")
@example("[a]: http://b 'c'")
def test_a_cell_is_shown_as_it_is(text):
    shown = RENDERER.render(f"| a | b |\n|---|---|\n| {cell(text)} | end |\n")
    cells = re.findall(r"<td>(.*?)</td>", shown, re.DOTALL)
    assert len(cells) == 2 and cells[1] == "end"
    assert not re.search(r"<(?!/?(table|thead|tbody|tr|th|td)>)", shown)
    assert html.unescape(cells[0]) == " ".join(text.split())


def test_long_and_missing_values():
    assert cell(None) == "" and cell(["a|b", 2]) == "a\\|b; 2"
    assert cell("a" * 1_000_000, 20) == "a" * 19 + "…"


@given(st.text(alphabet=st.sampled_from("\\`|*_[]!()<>&ab "), max_size=40))
@example("a.png` ![x](http://tracker/a.png)")
@example("``")
def test_a_code_span_holds_whatever_is_in_it(text):
    shown = RENDERER.renderInline(f"{code(text)} end")
    inside = re.fullmatch(r"<code>(.*)</code> end", shown)
    assert inside and html.unescape(inside[1]).split() == text.split()
