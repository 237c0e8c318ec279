"""The log-in page: a form that works without a script."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from qa.rendering.markup import escape

WEB = Path(__file__).parent / "web"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' "
    "rx='4' fill='%230f6266'/%3E%3Cpath d='M4 5h8M4 11h5' stroke='white' stroke-width='1.4' stroke-linecap='round'/%3E"
    "%3Cpath d='M4 8h6' stroke='%23ffdf6b' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E"
)
DARK = "if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark')"


def login_page(action: str, name: str = "", problem: str = "") -> str:
    """The page; `problem` says why the last try failed, and `name` is what was typed then."""
    told = f'<p class="vb-login-problem" role="alert" id="problem">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    first, second = ("", " autofocus") if name else (" autofocus", "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Log in to Verbatim</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="{ICON}"><style>{_style()}</style><script>{DARK}</script>
</head>
<body>
<main class="vb-login">
<h1>Verba<i>tim</i></h1>
<p>Answers that are quotes</p>
<form method="post" action="{escape(action)}">
{told}
<label for="username">Name</label>
<input id="username" name="username" value="{escape(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="64" required{first}{described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000" required{second}{described}>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""


@cache
def _style() -> str:
    """The colours of the chat and the rules of this page."""
    return "\n".join((WEB / name).read_text(encoding="utf-8") for name in ("10-core.css", "70-serving.css"))
