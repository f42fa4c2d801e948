"""Tracking parameters of addresses: they tell where a reader came from, not which article it is.

Only parameters that no publisher uses to name an article are taken out. `courlan`, which is at hand, also takes out
`cid`, `source`, and by their beginnings `gallery` and `global`: its addresses would name other articles. The rest of an
address stays as it came, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.sources.documents import Problem, RawDocument

#: Named by the lists that browsers strip (Firefox's query stripping, AdGuard's general list), but those that can be
#: parameters of a publishing system.
TRACKING = re.compile(
    r"(?i)(?:utm|mtm|hsa|vero|oly)_\w+|_hs(?:enc|mi)|__hs(?:sc|tc|fp)|hsctatracking|mc_[ce]id|mkt_tok"
    r"|ml_subscriber(?:_hash)?"
    r"|fbclid|gclid|dclid|twclid|ttclid|msclkid|yclid|ysclid|rb_clickid|gclsrc|[gw]braid|igsh(?:id)?"
    r"|pk_(?:campaign|kwd|keyword|source|medium|content)|at_(?:campaign|medium|link_\w+|bbc_team|ptr_\w+|format|creation)"
    r"|_openstat|li_fat_id|epik|s_cid|xtor|wt_zmc|wickedid|ns_(?:campaign|mchannel|source|linkname|fee)"
)


def without_tracking(url: str) -> str:
    """Return an address without tracking parameters; the rest is as it came.

    >>> without_tracking("https://plume.example/lift?id=3&utm_source=rss&fbclid=xyz#top")
    'https://plume.example/lift?id=3#top'
    >>> without_tracking("https://plume.example/lift?utm_medium=mail"), without_tracking("https://plume.example/?gallery=4")
    ('https://plume.example/lift', 'https://plume.example/?gallery=4')
    """
    address, mark, fragment = url.partition("#")
    place, question, query = address.partition("?")
    if not question:
        return url
    parameters = query.split("&")
    kept = [each for each in parameters if not TRACKING.fullmatch(each.partition("=")[0])]
    if len(kept) == len(parameters):
        return url
    return place + (f"?{'&'.join(kept)}" if kept else "") + mark + fragment


def with_plain_address(found: RawDocument | Problem) -> Iterator[RawDocument | Problem]:
    """Yield a document with its address without tracking parameters, and a problem that holds the one that came.

    Its id, which is made of the address that came, stays.
    """
    if isinstance(found, Problem) or not found.url or (url := without_tracking(found.url)) == found.url:
        yield found
        return
    yield replace(found, url=url)
    yield Problem(found.subject, "edited", "tracking", before=found.url, after=url)
