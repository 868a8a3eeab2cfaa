"""examples/nextjs as a page, made of Debian's React by Debian's esbuild and checked by Debian's tsc."""

import http.server
import json
import shutil
import subprocess
import threading
from pathlib import Path

from harness.stack import ROOT

HERE = Path(__file__).resolve().parent / "nextjs"
DEBIAN = Path("/usr/share/nodejs")
MODULES = ["react", "react-dom", "scheduler", "csstype", "object-assign", "loose-envify", "js-tokens"]
TYPES = ["react", "react-dom", "prop-types", "scheduler"]


def lay_out(folder):
    """The example with what npm would have installed beside it."""
    shutil.copytree(ROOT / "examples" / "nextjs", folder, dirs_exist_ok=True)
    for source in HERE.iterdir():
        (folder / "page").mkdir(exist_ok=True)
        shutil.copy(source, folder / "page")
    modules = folder / "node_modules"
    (modules / "@types").mkdir(parents=True)
    (modules / "adelante-client").symlink_to(ROOT / "examples" / "client")
    for name in MODULES:
        if (DEBIAN / name).exists():
            (modules / name).symlink_to(DEBIAN / name)
    for name in TYPES:
        (modules / "@types" / name).symlink_to(DEBIAN / "@types" / name)
    return folder


def check(folder):
    """What tsc has to say."""
    options = {
        "noEmit": True,
        "strict": True,
        "noUnusedLocals": True,
        "noUnusedParameters": True,
        "noImplicitOverride": True,
        "target": "es2022",
        "lib": ["es2022", "dom", "dom.iterable"],
        "module": "es2022",
        "moduleResolution": "node",
        "jsx": "react-jsx",
        "types": [],
        # React's types stand elsewhere than what they import.
        "preserveSymlinks": True,
        "isolatedModules": True,
    }
    sources = ["**/*.ts", "**/*.tsx"]
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": sources, "exclude": ["node_modules"]}))
    done = subprocess.run(["tsc", "--project", folder, "--pretty", "false"], stdout=subprocess.PIPE, text=True)
    return done.stdout


def build(folder):
    """The page as one script, and its HTML."""
    _bundle(folder, "page/page.tsx", "site/page.js", "--format=esm")
    html = '<!doctype html><html lang="uk"><meta charset="utf-8"><title>Салон</title><link rel="icon" href="data:,">'
    html += '<div id="root"></div><script type="module" src="page.js"></script></html>'
    (folder / "site" / "index.html").write_text(html, encoding="utf-8")
    return folder / "site"


def render(folder, node):
    """What Node renders of the hooks."""
    _bundle(folder, "page/server.tsx", "server.cjs", "--platform=node")
    return subprocess.run([node, folder / "server.cjs"], stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True).stdout


def _bundle(folder, source, target, *options):
    settings = {"NODE_ENV": '"development"', "NEXT_PUBLIC_API_URL": "undefined", "NEXT_PUBLIC_WS_URL": "undefined"}
    command = ["esbuild", source, "--bundle", f"--outfile={target}", "--jsx=automatic", "--jsx-dev", "--preserve-symlinks"]
    command += [f"--define:process.env.{name}={value}" for name, value in settings.items()]
    subprocess.run([*command, "--log-level=warning", *options], cwd=folder, check=True)


class Site:
    """A web server of another origin than the nodes', as a frontend's is."""

    def __init__(self):
        self.folder = None
        site = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments, **more):
                super().__init__(*arguments, directory=str(site.folder), **more)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
