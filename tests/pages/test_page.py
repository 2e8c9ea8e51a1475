"""A small executed notebook becomes a page: one file without a script that asks nothing of the network."""

import re
import subprocess
import sys

import jinja2
import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from laoyou.language import speaking
from laoyou.pages.page import (
    TEMPLATE,
    heading,
    language_of,
    marked_foreign,
    notebook_page,
    question,
    said_in,
    template_page,
)

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
PAGES = [
    {"file": "arrears.html", "title": "欠薪：化解得怎么样", "short": "欠薪"},
    {"file": "other.html", "title": "别页：<b>", "short": "别页<b>"},
]


def shown(**data: str) -> nbformat.NotebookNode:
    bundle = {kind.replace("_", "/"): content for kind, content in data.items()}
    return new_output("execute_result", bundle, execution_count=1)


def notebook(*more: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return an executed notebook of a title, key points, two sections and some more cells."""
    key = '<div class="opening"><h2 id="key-points">要点</h2><ul><li>一</li></ul></div>'
    foot = '<section><h2 id="notes">口径与方法</h2></section>'
    return new_notebook(
        cells=[
            new_markdown_cell("# 欠薪：化解得怎么样\n\n够不够目标？"),
            new_code_cell("secret_source = 1", outputs=[shown(text_html=key, text_plain="要点")]),
            new_markdown_cell("## 到目标了吗？"),
            new_code_cell("x", outputs=[shown(text_html="<p>一段</p>", text_plain="PLAIN TWIN")]),
            new_markdown_cell("## 到目标了吗？\n\n又一段。"),
            *more,
            new_code_cell("x", outputs=[shown(text_html=foot)]),
        ]
    )


@pytest.fixture(scope="module")
def page() -> str:
    return notebook_page(notebook(), PAGES)


@pytest.fixture(scope="module")
def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def test_a_page_may_load_nothing_and_run_nothing(soup):
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert policy["content"] == CSP
    # A policy counts only for what comes after it.
    assert soup.head is not None
    assert [tag.name for tag in soup.head.find_all(recursive=False)][:2] == ["meta", "meta"]


def test_a_page_is_chinese_and_utf_8_and_fits_a_telephone(page, soup):
    assert page.startswith("<!DOCTYPE html>")
    assert soup.html is not None
    assert soup.html["lang"] == "zh-CN"
    assert soup.find("meta", attrs={"charset": "utf-8"})
    viewport = soup.find("meta", attrs={"name": "viewport"})
    assert isinstance(viewport, Tag)
    assert viewport["content"] == "width=device-width, initial-scale=1"


def test_a_page_has_one_title_and_one_first_heading(soup):
    assert soup.title is not None
    assert soup.title.get_text() == "欠薪：化解得怎么样"
    assert [tag.get_text() for tag in soup.find_all("h1")] == ["欠薪：化解得怎么样"]


def test_every_section_has_an_id_of_its_own_even_under_the_same_heading(soup):
    ids = [tag["id"] for tag in soup.find_all("h2")]
    assert ids == ["key-points", "section-1", "section-2", "notes"]
    every = [tag["id"] for tag in soup.find_all(True) if tag.has_attr("id")]
    assert len(every) == len(set(every))


def test_the_contents_come_after_the_key_points_and_lead_to_every_section(page, soup):
    links = soup.select("nav.contents a")
    assert [(a.get_text(), a["href"]) for a in links] == [
        ("到目标了吗？", "#section-1"),
        ("到目标了吗？", "#section-2"),
        ("口径与方法", "#notes"),
    ]
    assert all(soup.find(id=str(a["href"]).removeprefix("#")) for a in links)
    assert page.index('id="key-points"') < page.index('class="contents"') < page.index('id="section-1"')


def test_every_link_within_the_page_leads_somewhere(soup):
    for link in soup.find_all("a", href=re.compile("^#")):
        assert soup.find(id=link["href"][1:]), link


def test_a_page_with_one_section_needs_no_contents():
    short = new_notebook(cells=[new_markdown_cell("# 题\n\n问？"), new_markdown_cell("## 一节")])
    made = notebook_page(short, [])
    assert 'class="contents"' not in made
    assert '<h2 id="section-1">' in made


def test_nothing_is_fetched_from_anywhere(page, soup):
    assert not soup.find_all(["script", "link", "iframe", "object", "embed", "img"])
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "srcset", "action", "data"):
            assert not re.match(r"\s*(https?:|//|javascript:)", str(tag.get(name, "")))
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", page)
    assert "@import" not in page


def test_the_face_is_embedded_once(page):
    assert page.count("@font-face") == 1
    assert page.count("url(data:font/woff2;base64,") == 1
    assert "/*font*/" not in page


def test_only_what_cells_show_is_shown(page):
    for hidden in ("secret_source", "PLAIN TWIN", "In [", "Out[", "¶"):
        assert hidden not in page
    assert "一段" in page
    assert "又一段。" in page


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stderr", text="UserWarning: noise"),
        new_output("stream", name="stdout", text="noise"),
        new_output("error", ename="noise", evalue="noise", traceback=["noise"]),
        new_output("display_data", {"application/javascript": "noise()"}),
        new_output("display_data", {"image/svg+xml": "<svg>noise</svg>"}),
        new_output("display_data", {"text/latex": "noise"}),
    ],
)
def test_chatter_of_cells_is_left_out(output):
    assert "noise" not in notebook_page(notebook(new_code_cell("x", outputs=[output])), PAGES)


def test_plain_text_is_shown_as_text():
    hostile = '<script>alert(1)</script> & "x"'
    made = notebook_page(notebook(new_code_cell("x", outputs=[shown(text_plain=hostile)])), PAGES)
    soup = BeautifulSoup(made, "html.parser")
    assert [tag.get_text() for tag in soup.find_all("pre")] == [hostile]
    assert not soup.find_all("script")


def test_the_pages_of_the_quarter_are_linked_and_this_one_is_marked(soup):
    nav = soup.select("header.site a")
    assert [(a.get_text(), a["href"], a.get("aria-current")) for a in nav] == [
        ("本季首页", "index.html", None),
        ("欠薪", "arrears.html", "page"),
        ("别页<b>", "other.html", None),
    ]


def test_a_page_can_be_skipped_into(soup):
    skip = soup.find("a", class_="skip")
    assert isinstance(skip, Tag)
    main = soup.find(id=str(skip["href"]).removeprefix("#"))
    assert isinstance(main, Tag)
    assert main.name == "main"


def test_the_same_notebook_is_the_same_page(page):
    assert notebook_page(notebook(), PAGES) == page


def test_ids_and_run_times_of_cells_leave_no_trace(page):
    other = notebook()
    for n, cell in enumerate(other.cells):
        cell["id"] = f"other-{n}"
        cell.metadata["papermill"] = {"duration": 1.5, "start_time": "2026-10-31T00:00:00"}
    assert notebook_page(other, PAGES) == page


@pytest.mark.parametrize(
    ("source", "title", "asked"),
    [
        ("# 欠薪：怎么样\n\n够不够？", "欠薪：怎么样", "够不够？"),
        ("#   题  \n问？\n后文", "题", "问？"),
        ("# 只有题", "只有题", ""),
        ("没有题", "", ""),
        ("", "", ""),
    ],
)
def test_title_and_question_stand_in_the_first_cell(source, title, asked):
    book = new_notebook(cells=[new_markdown_cell(source)])
    assert (heading(book, "zh"), question(book, "zh")) == (title, asked)


QUARTER = {
    "title": "题", "region": "区", "head": "", "arrows": "", "pages": [], "problems": "", "problem_page": "",
    "matrix": "", "documents": [], "failed": [],
}  # fmt: skip


def test_a_template_that_lacks_a_value_is_refused():
    with pytest.raises(jinja2.UndefinedError):
        template_page("quarter.html.j2", **{k: v for k, v in QUARTER.items() if k != "problems"})


def test_failures_are_announced_before_the_key_points():
    failed = [{"name": "arrears", "title": "欠薪", "problem": "第 3 格出错"}]
    made = template_page("quarter.html.j2", **QUARTER | {"head": "<p>", "failed": failed})
    soup = BeautifulSoup(made, "html.parser")
    alert = soup.find("section", role="alert")
    assert isinstance(alert, Tag)
    assert alert.get_text("|").strip() == "有 1 项没有生成|\n|欠薪（arrears）：第 3 格出错"
    assert "&lt;p&gt;" in made  # what is not marked as markup is text
    assert made.index("alert") < made.index("&lt;p&gt;")


def test_a_portal_without_reports_says_what_to_do():
    assert "还没有报告。运行 laoyou run 2026Q3 生成一季。" in template_page(
        "portal.html.j2", regions={}, twins=""
    )


# --- The template by itself, and the sheets --------------------------------------------------------------------


def test_nbconvert_alone_makes_the_same_page_with_the_template(tmp_path):
    """As in ``jupyter nbconvert --to html --template …/laoyou/templates/laoyou page.ipynb``."""
    file = tmp_path / "page.ipynb"
    nbformat.write(notebook(), file)
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--template", str(TEMPLATE), str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert file.with_suffix(".html").read_text(encoding="utf-8") == notebook_page(notebook(), [])


def test_headings_of_markdown_keep_their_words_alone(soup):
    assert [tag.decode_contents() for tag in soup.find_all(["h1", "h2"])][:2] == [
        "欠薪：化解得怎么样",
        "要点",
    ]
    assert not soup.select("a.anchor-link")


def test_each_sheet_is_headed_by_title_and_by_region_and_quarter():
    about = '<p class="about">洞头区 · 2026年三季度 · 数据截至 2026-10-12</p>'
    made = notebook_page(notebook(new_code_cell("x", outputs=[shown(text_html=about)])), [])
    left = '@page{@top-left{content:"欠薪\\ff1a 化解得怎么样"'
    right = (
        '@top-right{content:"洞头区\\20 \\b7 \\20 2026年三季度\\20 \\b7 \\20 数据截至\\20 2026\\2d 10\\2d 12"'
    )
    assert left in made
    assert right in made


def test_no_name_ends_the_stylesheet():
    about = '<p class="about">&lt;/style&gt;"}*{color:red}\\ &lt;b&gt;</p>'
    made = notebook_page(notebook(new_code_cell("x", outputs=[shown(text_html=about)])), [])
    assert made.count("</style>") == 1
    style = made[made.index("<style>") : made.index("</style>")]
    assert "*{color:red}" not in style
    assert '@top-right{content:"\\3c \\2f style\\3e \\22 \\7d \\2a \\7b color' in style


# In another language


@pytest.mark.parametrize(
    ("tags", "language", "said"),
    [
        ([], "zh", True),
        ([], "en", True),
        (["lang-zh"], "zh", True),
        (["lang-zh"], "en", False),
        (["lang-en", "x"], "en", True),
    ],
)
def test_a_cell_belongs_to_the_languages_that_its_tags_name(tags, language, said):
    assert said_in(tags, language) is said


def test_the_language_of_an_executed_notebook_is_what_its_parameters_set_last():
    def declared(language: str, *tags: str) -> nbformat.NotebookNode:
        return new_code_cell(f'lang: str = "{language}"  # 语言', metadata={"tags": list(tags)})

    assert language_of(new_notebook(cells=[declared("en", "parameters")])) == "en"
    assert language_of(new_notebook(cells=[declared("en")])) == "zh"
    assert language_of(new_notebook(cells=[declared("fr", "parameters")])) == "zh"
    injected = {"papermill": {"parameters": {"lang": "en"}}}
    assert language_of(new_notebook(cells=[declared("zh", "parameters")], metadata=injected)) == "en"


def test_what_stays_chinese_on_an_english_page_is_marked_where_elements_can_stand():
    page = "<html><head><title>甲</title></head><body><p title='乙'>by 丙（丁） twice</p><svg><title>戊</title><text x='1'>己</text></svg></body></html>"
    assert marked_foreign(page) == (
        "<html><head><title>甲</title></head><body><p title='乙'>by <span lang=\"zh-CN\">丙（丁）</span> twice</p>"
        "<svg><title>戊</title><text x='1'><tspan lang=\"zh-CN\">己</tspan></text></svg></body></html>"
    )


def test_a_page_in_another_language_leaves_wide_punctuation_to_another_face_and_numbers_sheets_in_its_words():
    chinese = template_page("portal.html.j2", regions={}, twins="")
    with speaking("en"):
        english = template_page("portal.html.j2", regions={}, twins="")
    assert 'content:"第 " counter(page) " 页，共 " counter(pages) " 页"' in chinese
    assert 'content:"Page " counter(page) " of " counter(pages) ""' in english
    assert "unicode-range" not in chinese
    [ranges] = re.findall(r"unicode-range:([^}]+)", english)
    spans = [[int(end, 16) for end in span.removeprefix("U+").split("-")] for span in ranges.split(",")]
    for sign in "aé–—…·‘’“”中":
        assert any(low <= ord(sign) <= high for low, high in spans) == (sign not in "…·‘’“”"), sign
