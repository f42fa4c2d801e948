"""List of the noise rules for `clean rules`."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.console import in_one_line
from pipeline.settings import Settings
from pipeline.settings.rule_packs import noise_settings


def rule_list(settings: Settings) -> RenderableType:
    """List every rule with its label and examples, pack by pack."""
    lines: list[Text] = []
    for pack in noise_settings(settings).packs:
        languages = ", ".join(pack.languages) or "all languages"
        lines.append(Text(f"\n{pack.name}: {len(pack.rules)} rules, {languages}", style="bold"))
        for rule in pack.rules:
            lines.append(Text(f"  {rule.id}", style="cyan").append(f"  {rule.label}", style="magenta"))
            lines += [Text(f"      {in_one_line(example)}", style="red strike") for example in rule.examples[:2]]
            lines += [Text(f"      {in_one_line(example)}", style="green") for example in rule.counter_examples[:1]]
    return Group(*lines)
