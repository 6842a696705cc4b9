"""collect.py SOURCE PROGRAM TARGET: the pages of the site as Markdown for Sphinx, from the tree and from a running service."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from pathlib import Path

source, program, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])


class Service:
    """The program, asked as any client asks it."""

    def __enter__(self):
        self.process = subprocess.Popen([program, "web", "--api-only", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def text(self, path, body=None, accept="text/markdown"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base.rstrip("/") + path, data, {"Accept": accept})
        return urllib.request.urlopen(request).read().decode()

    def json(self, path, body=None):
        return json.loads(self.text(path, body, "application/json"))


def write(name, text):
    file = target / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def contents(*entries, depth=1, caption=None):
    title = f":caption: {caption}\n" if caption else ""
    return f"\n```{{toctree}}\n:maxdepth: {depth}\n{title}\n" + "\n".join(entries) + "\n```\n"


def leveled(text, top):
    """The same, with its headings moved so that the highest is of a level."""
    lines, levels, code = text.splitlines(), {}, False
    for number, line in enumerate(lines):
        code ^= line.startswith("```")
        if not code and (heading := re.match(r"(#+) ", line)):
            levels[number] = len(heading[1])
    by = top - min(levels.values(), default=top)
    for number, level in levels.items():
        lines[number] = "#" * (level + by) + lines[number][level:]
    return "\n".join(lines) + "\n"


class Tree:
    """Pages of the tree, at their own paths: what they link to comes along."""

    def __init__(self):
        self.copied = set()

    def add(self, file):
        """Copies a file, and makes a page of a folder; gives its path in the site."""
        path = source / file
        if not path.exists():
            sys.exit(f"{file} is linked to, and is not there")
        if path.is_dir() and not (path / "README.md").exists():
            file = file / "index.md"
        elif path.is_dir():
            file = file / "README.md"
        if file in self.copied:
            return file
        self.copied.add(file)
        if file.suffix != ".md":
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / file)
        elif file.name == "index.md":
            listed = [entry.relative_to(source) for entry in sorted(path.iterdir()) if not entry.name.startswith(".")]
            write(file, self.page(f"# {path.name}\n\n" + "\n".join(f"- [{entry.name}]({entry.name})" for entry in listed) + "\n", file))
        else:
            write(file, self.page((source / file).read_text(), file))
        return file

    def page(self, text, file):
        """The text of a page at a path, with its links as the site has them."""
        return "---\norphan: true\n---\n\n" + self.linked(drawn(text), file)

    def linked(self, text, file):
        def at_home(link):
            words, to, anchor = link.groups()
            goal = Path(os.path.normpath(file.parent / to))
            return f"{words}({os.path.relpath(self.add(goal), file.parent)}{anchor})"

        parts = re.split(r"(^```.*?^```$|`[^`\n]*`)", text, flags=re.MULTILINE | re.DOTALL)
        link = r"(!?\[[^\[\]]*\])\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*|)\)"
        whole = "".join(part if index % 2 == 0 else f"\0{index}\0" for index, part in enumerate(parts))  # links may hold code
        whole = re.sub(link, at_home, whole)
        return re.sub(r"\0(\d+)\0", lambda kept: parts[int(kept[1])], whole)


def drawn(text):
    """With the diagrams of Mermaid as pictures."""
    return re.sub(r"^```mermaid\n(.*?)^```$", lambda diagram: picture(diagram[1]), text, flags=re.MULTILINE | re.DOTALL)


def picture(mermaid):
    """A flowchart of Mermaid, laid out by Graphviz."""
    direction = "LR" if "subgraph" in mermaid else "TB"  # a chain with words at its arrows is too wide to read
    lines = [f"digraph {{ rankdir={direction}; node [shape=box, style=rounded, fontname=sans, fontsize=11]; edge [fontname=sans, fontsize=10]"]
    node = r"(\w+)(?:\[\"(.*?)\"\])?"
    for line in map(str.strip, mermaid.splitlines()[1:]):
        if line.startswith("subgraph "):
            lines.append(f'subgraph cluster_{line.split()[1]} {{ label="{line.split()[1]}"; color=gray; fontname=sans; fontsize=11')
        elif line == "end":
            lines.append("}")
        else:
            for name, label in re.findall(r"(?:^|\s)" + node, re.sub(r"\|.*?\|", " ", line)):
                if label:
                    lines.append(f"{name} [label={dot_text(label)}]")
            steps = re.split(r"\s*-->\s*", line)
            for before, after in zip(steps, steps[1:]):
                said, name = re.match(r"(?:\|(.*?)\|\s*)?(\w+)", after).groups()
                before = re.match(r"(?:\|.*?\|\s*)?(\w+)", before)[1]
                lines.append(f"{before} -> {name} [label={dot_text((said or '').strip(chr(34)))}]")
    svg = subprocess.run(["dot", "-Tsvg"], input="\n".join([*lines, "}"]), capture_output=True, check=True, text=True).stdout
    return "```{raw} html\n<div class=\"diagram\">" + re.sub(r"\n+", "\n", svg[svg.index("<svg"):]) + "</div>\n```"


def dot_text(label):
    return '"' + html.unescape(label).replace('"', '\\"').replace("<br>", "\\n") + '"'


def pages_of_tree(tree):
    for file in [*source.glob("docs/**/*.md"), *source.glob("plugins/**/README.md"), *source.glob("examples/**/README.md"),
                 source / "CONTRIBUTING.md", source / "CHANGELOG.md"]:
        if "site" not in file.relative_to(source).parts:
            tree.add(file.relative_to(source))


def example_of(solver, ports, usual, service):
    """Inputs that give an answer to look at."""
    inputs = dict(usual["of"].get(solver, {}))
    usual = usual["any"]
    for name, port in ports.items():
        if not port["required"] or name in inputs:
            continue
        if port["choices"]:
            inputs[name] = port["choices"][0]
        elif port["type"] in ("number", "integer"):
            unit = (port["shown_in"] or {}).get("unit", "")
            inputs[name] = f"{usual.get(name, '0.5' if (port['range'] or {}).get('most') == 1 else '1')} {unit}".strip()
        elif port["type"] in usual:
            inputs[name] = usual[port["type"]]
        elif not port["type"].startswith("series"):
            inputs[name] = service.json("/v1/zoo?kind=" + urllib.parse.quote(port["type"]))["entries"][0]["key"]
    return inputs


def solvers(service):
    usual = json.loads((source / "framework/web/page/usual.json").read_text())
    by_plugin = defaultdict(list)
    for solver in service.json("/v1/solvers")["solvers"]:
        name = solver["name"]
        page = service.json(f"/v1/solvers/{name}")
        text = leveled(service.text(f"/v1/solvers/{name}?all=true"), 1)
        inputs = example_of(name, page["inputs"], usual, service)
        try:
            worked = service.text("/v1/solve", {"solver": name, "inputs": inputs, "explain": True})
            said = {key: ",".join(map(str, value)) if isinstance(value, list) else value for key, value in inputs.items()}
            flags = " ".join(f"--{key.replace('_', '-')} '{value}'" for key, value in said.items())
            text += f"\n## An answer, worked out\n\n```sh\nironlaw solve {name} {flags} --explain\n```\n\n{leveled(worked, 3)}"
        except urllib.error.HTTPError:
            pass  # it needs more than one value of its own; the tutorials have one
        family = source / "plugins" / solver["plugin"] / "README.md"
        if family.exists():
            text += f"\nEquations, symbols and what is left out: [{solver['plugin']}](../plugins/{solver['plugin']}/README.md).\n"
        write(f"solvers/{name}.md", text)
        by_plugin[solver["plugin"]].append((name, solver["doc"]))
    index = "# Solvers\n"
    for plugin, of in sorted(by_plugin.items()):
        index += f"\n## {plugin}\n\n" + "\n".join(f"- [{name}]({name}.md): {doc}" for name, doc in of) + "\n"
    names = sorted(name for of in by_plugin.values() for name, _ in of)
    write("solvers/index.md", index + contents(*names).replace(":maxdepth: 1", ":maxdepth: 1\n:hidden:"))
    return names


def studies(service):
    names = [study["name"] for study in service.json("/v1/studies")["studies"] if study["plugin"]]  # a sweep is the host's own
    for name in names:
        write(f"studies/{name}.md", leveled(service.text(f"/v1/studies/{name}"), 1))
    write("studies/index.md", "# Studies\n\nHow each is asked and read: [studies](../docs/studies.md).\n" + contents(*names))


def questions(service):
    said = service.json("/v1/questions")["questions"]
    for question in said:
        name = question["name"]
        page = service.json(f"/v1/questions/{name}")
        text = f"# {name}\n\n{page['asks']}\n\n```sh\nironlaw ask {name}\n```\n\n| input | type | |\n| --- | --- | --- |\n"
        text += "".join(f"| `{port}` | {of['type']} | {of['doc']} |\n" for port, of in page["inputs"].items())
        write(f"questions/{name}.md", text)
    write("questions/index.md", "# Questions\n" + contents(*(question["name"] for question in said)))


def zoo(service):
    """The entries for zoo_pages.py, and the list that is searched as one types."""
    entries = service.json("/v1/zoo")["entries"]
    rows = []
    for entry in entries:
        kind, key = entry["kind"], entry["key"]
        entry["page"] = service.text(f"/v1/zoo/{urllib.parse.quote(key)}?kind={kind}")
        said = [html.escape(str(entry[field] or "")) for field in ("label", "kind", "vendor", "year")]
        also = re.search(r"^\| aliases \| (.*) \|$", entry["page"], re.MULTILINE)
        rows.append(f'<tr data-also="{html.escape(also[1]) if also else ""}"><td><a href="{kind}/{key}.html">{key}</a></td>'
                    + "".join(f"<td>{cell}</td>" for cell in said) + "</tr>")
    write("zoo.json", json.dumps(entries))
    write("zoo/index.md", f"# Zoo\n\n{len(entries)} devices, models, networks, grids, prices and records; every number with its source.\n\n```{{raw}} html\n"
          '<p><input id="zoo-search" type="search" placeholder="H100, Qwen 72B, wafer, NVIDIA 2024" aria-label="Search the zoo"> '
          '<span id="zoo-count" role="status"></span></p>\n<table class="docutils" id="zoo"><thead><tr><th>key</th><th>name</th><th>kind</th>'
          "<th>vendor</th><th>year</th></tr></thead><tbody>\n" + "\n".join(rows) +
          '\n</tbody></table>\n<script src="../_static/zoo.js"></script>\n```\n')


def glossary(service, names):
    """Every name of a port, and what it means where."""
    meanings = defaultdict(lambda: defaultdict(list))
    for name in names:
        page = service.json(f"/v1/solvers/{name}?all=true")
        for group in ("inputs", "refinements", "outputs"):
            for port, said in (page.get(group) or {}).items():
                unit = f" [{said['unit']}]" if said["unit"] else ""
                meanings[port][said["doc"] + unit].append(name)
    text = "# Glossary\n\nNames of inputs and outputs, with what they mean and where.\n"
    for port in sorted(meanings):
        text += f"\n## {port}\n\n"
        for doc, where in meanings[port].items():
            text += f"- {doc}: " + ", ".join(f"[{solver}](solvers/{solver}.md)" for solver in where) + "\n"
    write("glossary.md", text)


def equations(tree):
    """What each family says in equations, with the symbols before them and the sources."""
    text = "# All equations\n\nBy family; its page says what is left out, what is refused, and how the terms are switched off.\n"
    for file in sorted(source.glob("plugins/**/README.md")):
        relative = file.relative_to(source)
        if relative.parent == Path("plugins"):
            continue
        paragraphs = re.findall(r"```.*?\n```|(?:(?!```)[^\n]+(?:\n(?!```)[^\n]+)*)", file.read_text(), flags=re.DOTALL)
        kept = []
        for index, paragraph in enumerate(paragraphs):
            fenced = paragraph.startswith("```")
            leads = index + 1 < len(paragraphs) and paragraphs[index + 1].startswith("```")
            cites = paragraph.find("Sources:")
            if paragraph.startswith("#") or fenced or leads:
                kept.append(paragraph)
            elif cites >= 0:
                kept.append(paragraph[cites:])
        while True:  # headings with nothing below them
            empty = [i for i, p in enumerate(kept) if p.startswith("## ") and (i + 1 == len(kept) or kept[i + 1].startswith("#"))]
            if not empty:
                break
            del kept[empty[-1]]
        kept.insert(1, f"[The family's page]({relative.name})")
        text += "\n" + leveled(tree.linked("\n\n".join(kept), relative).replace("](", f"]({relative.parent}/"), 2)
    write("equations.md", re.sub(r"\]\([^)]*/(https?:[^)]*|#[^)]*)\)", r"](\1)", text))


def reference():
    headers = [file for library in ("api", "notation", "catalog", "host", "present", "questions", "pages", "web", "import", "conformance")
               for file in sorted((source / "framework" / library / "ironlaw").rglob("*.hpp")) if file.name != "dimension_names.hpp"]
    headers += sorted((source / "sdk" / "include" / "ironlaw").rglob("*.hpp"))
    pages = []
    for header in headers:
        relative = header.relative_to(source)
        page = "_".join(relative.parts).replace(".hpp", "")
        shown = "/".join(relative.parts[relative.parts.index("ironlaw"):])
        write(f"cpp/{page}.md", f"# {shown}\n\n```{{doxygenfile}} {relative}\n:project: ironlaw\n```\n")
        pages.append(page)
    write("cpp/index.md", "# C++\n\nPublic headers, by library from the contract of plugins up.\n" + contents(*pages))
    write("python.md", "# Python reference\n\n```{eval-rst}\n.. automodule:: ironlaw\n   :members:\n   :undoc-members:\n   :imported-members:\n```\n")


def index(tree):
    tutorials = sorted(file.stem for file in (source / "docs/tutorials").glob("[0-9]*.md"))
    decisions = sorted(file.stem for file in (source / "docs/decisions").glob("[0-9]*.md"))
    families = sorted(str(file.relative_to(source).with_suffix("")) for file in source.glob("plugins/**/README.md"))
    extending = sorted(file.stem for file in (source / "docs/extending").glob("*.md") if file.stem != "README")
    for page, below in (("docs/tutorials/README.md", ["which-solver", *tutorials]), ("docs/decisions/README.md", decisions), ("docs/extending/README.md", extending),
                        ("plugins/README.md", [name.removeprefix("plugins/") for name in families if name != "plugins/README"])):
        with (target / page).open("a") as file:
            file.write(contents(*below).replace(":maxdepth: 1", ":maxdepth: 1\n:hidden:"))
    text = (source / "README.md").read_text().split("\n## Where to go")[0]
    write("index.md", tree.linked(text, Path("README.md")) + "\n" + "\n".join([
        contents("docs/guide", "docs/web", "docs/python", "docs/studies", "docs/serving-load", "docs/running-at-scale", "docs/import", "docs/calibrating", "docs/bands",
                 "docs/mlsysim", caption="Guide"),
        contents(*(f"docs/tutorials/{name}" for name in ["README", *tutorials]), caption="Tutorials"),
        contents("questions/index", "solvers/index", "studies/index", "zoo/index", "equations", "plugins/README", "glossary", "docs/walls", caption="Reference"),
        contents("docs/architecture", "docs/writing-a-plugin", "docs/extending/README", "docs/abi", "docs/accuracy", "docs/performance", "docs/robustness", "cpp/index",
                 "python", "docs/decisions/README", "CONTRIBUTING", "CHANGELOG", caption="Inside")]))


def main():
    shutil.rmtree(target, ignore_errors=True)
    tree = Tree()
    pages_of_tree(tree)
    with Service() as service:
        names = solvers(service)
        studies(service)
        questions(service)
        zoo(service)
        glossary(service, names)
    equations(tree)
    reference()
    index(tree)
    for file in ("site.css", "zoo.js"):
        (target / "_static").mkdir(exist_ok=True)
        shutil.copy(source / "docs/site" / file, target / "_static" / file)
    for file in ("conf.py", "zoo_pages.py"):
        shutil.copy(source / "docs/site" / file, target / file)


main()
