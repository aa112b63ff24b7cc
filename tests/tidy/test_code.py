"""Our Python holds to the rules, and each rule is able to complain."""

import pytest

from tests.tidy import rules_of_code as rules
from tests.tidy.tree import files

PYTHON = {path: text for path, text in files().items() if path.endswith(".py")}
WRITTEN = {path: text for path, text in PYTHON.items() if "/migrations/" not in path}
PRODUCT = {path: text for path, text in PYTHON.items() if path.startswith("src/")}

EVERYWHERE = [
    rules.long_lines,
    rules.long_functions,
    rules.long_files,
    rules.unintroduced_modules,
    rules.vague_names,
]
IN_THE_PRODUCT = [
    rules.testing_branches,
    rules.environment_readers,
    rules.clocks_in_rules,
    rules.coloured_functions,
]


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_every_file_holds_to_the_rule(rule):
    assert [said for path, text in WRITTEN.items() for said in rule(path, text)] == []


@pytest.mark.parametrize("rule", IN_THE_PRODUCT, ids=lambda rule: rule.__name__)
def test_the_product_holds_to_the_rule(rule):
    assert [said for path, text in PRODUCT.items() for said in rule(path, text)] == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.long_lines, "a.py", "x = 1\n" + "y" * 101),
        (rules.long_functions, "a.py", "def f():\n" + "    x = 1\n" * 50),
        (rules.long_functions, "a.py", "class A:\n  def f(self):\n" + "    x = 1\n" * 50),
        (rules.long_files, "a.py", "x = 1\n" * 401),
        (rules.unintroduced_modules, "a.py", "x = 1\n"),
        (rules.vague_names, "src/utils.py", ""),
        (rules.vague_names, "a.py", "def handle_reply(): ..."),
        (rules.vague_names, "a.py", "def process(reply): ..."),
        (rules.vague_names, "a.py", "class SmsService: ..."),
        (rules.vague_names, "a.py", "class ShiftManager: ..."),
        (rules.testing_branches, "a.py", "if settings.TESTING:\n    pass"),
        (rules.testing_branches, "a.py", "x = 1 if 'pytest' in sys.modules else 2"),
        (rules.environment_readers, "src/a.py", "import os\nx = os.environ['PORT']"),
        (rules.environment_readers, "src/a.py", "from os import getenv"),
        (rules.environment_readers, "src/a.py", "os.environ.setdefault('PORT', '1')"),
        (rules.clocks_in_rules, "src/shiftbell/rules/a.py", "x = datetime.now(UTC)"),
        (rules.coloured_functions, "a.py", "async def send(): ..."),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_complains_about_a_bad_file(rule, path, text):
    assert rule(path, text)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (rules.long_lines, "a.py", "y" * 100),
        (rules.long_functions, "a.py", "def f():\n" + "    x = 1\n" * 49),
        (rules.long_files, "a.py", "x = 1\n" * 400),
        (rules.unintroduced_modules, "a.py", '"""What is decided here."""\nx = 1'),
        (rules.unintroduced_modules, "pkg/__init__.py", ""),
        (rules.vague_names, "a.py", "def tell_manager(): ...\nclass Process: ..."),
        (rules.vague_names, "a.py", "def handle_request(self, request): ..."),
        (rules.testing_branches, "a.py", "if contest or latest or attested:\n    pass"),
        (rules.environment_readers, "src/shiftbell/config/a.py", "import os\nx = os.environ"),
        (rules.environment_readers, "a.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')"),
        (rules.environment_readers, "src/shiftbell/a.py", "x = request.environ['PORT']"),
        (rules.clocks_in_rules, "src/shiftbell/flow/a.py", "x = datetime.now(UTC)"),
        (rules.coloured_functions, "a.py", "def send(): ..."),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_the_rule_leaves_a_good_file_alone(rule, path, text):
    assert rule(path, text) == []


def test_the_rules_see_the_tree():
    assert {"src/shiftbell/__init__.py", "tools/bootstrap.py"} <= PYTHON.keys()
    assert not any(path.startswith((".venv", ".git/")) for path in files())
