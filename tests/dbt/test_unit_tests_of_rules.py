"""The rules' own tests, which stand beside the models as dbt unit tests."""

from __future__ import annotations


def test_every_rule_holds_at_its_edge(small_shop):
    result = small_shop.invoke("test", "--select", "test_type:unit")
    failed = [
        f"{node.node.unique_id}: {node.message}"
        for node in result.result
        if str(node.status) not in ("pass", "success")
    ]
    assert result.exception is None
    assert failed == []
    assert len(result.result) > 70
