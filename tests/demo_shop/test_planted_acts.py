"""What people do in the files is what was planted: paths to orders, campaigns, prospects."""

from __future__ import annotations

import math
import re

import duckdb
import pytest

from orchestration.demo_shop.random_sql import create_random_macros
from orchestration.paths import Project

SIGMAS = 4

# The events of the visit in which an order was made, by the order's own process.
ORDER_VISITS = """
select
    planted_orders.order_id,
    planted_orders.purchase_process as process,
    count(*) filter (visit.event_name = 'cart_remove') as removals,
    count(*) filter (visit.event_name = 'checkout_start') as checkouts,
    max(visit.occurred_at::timestamp) - min(visit.occurred_at::timestamp) as duration
from planted_orders
inner join orders on planted_orders.order_id = orders.order_id
inner join events as bought
    on bought.event_name = 'purchase'
    and bought.anonymous_id = orders.anonymous_id
    and bought.occurred_at = orders.ordered_at
inner join events as visit on bought.session_id = visit.session_id
where orders.status = 'paid'
group by all
"""


@pytest.fixture(scope="module")
def with_orders(shop, files) -> duckdb.DuckDBPyConnection:
    files.execute(
        f"create table if not exists orders as from"
        f" read_csv('{shop.landing}/orders/*.csv', all_varchar = true)"
        f" where order_id like '0%'"
    )
    return files


def test_every_order_online_has_its_visit(with_orders):
    [(orders,)] = with_orders.execute(
        "select count(distinct order_id) from orders"
        " where anonymous_id is not null and channel <> 'pos'"
    ).fetchall()
    [(visited,)] = with_orders.execute(
        f"select count(distinct order_id) from ({ORDER_VISITS})"
    ).fetchall()
    # Some purchases carry a planted clock error and so stand elsewhere.
    assert 0.97 * orders < visited <= orders


def test_each_process_leaves_its_marks_in_the_orders_visit(with_orders):
    found = dict(
        with_orders.execute(
            f"select process, avg((removals >= 2)::int) from ({ORDER_VISITS}) group by process"
        ).fetchall()
    )
    assert found["hesitant"] > 0.95
    assert all(found[process] < 0.02 for process in ("routine", "impulse", "researcher"))


def test_researchers_came_on_earlier_days_and_the_impulsive_did_not(with_orders):
    views = dict(
        with_orders.execute(
            """
            select planted_orders.purchase_process, avg(earlier.days)
            from planted_orders
            inner join orders on planted_orders.order_id = orders.order_id
            left join (
                select orders.order_id, count(distinct events.occurred_at[:10]) as days
                from orders
                inner join events
                    on orders.anonymous_id = events.anonymous_id
                    and events.event_name in ('product_view', 'compare', 'review_view')
                    and try_cast(events.occurred_at as timestamp)
                        between orders.ordered_at::timestamp - interval 15 day
                        and orders.ordered_at::timestamp - interval 12 hour
                where orders.status = 'paid'
                group by orders.order_id
            ) as earlier on orders.order_id = earlier.order_id
            where orders.status = 'paid' and orders.channel = 'web'
                and orders.ordered_at > '2024-08-01'
            group by planted_orders.purchase_process
            """
        ).fetchall()
    )
    assert views["researcher"] >= 3
    assert views["impulse"] is None or views["impulse"] < views["researcher"]


def test_campaigns_bring_about_as_many_orders_as_planted(with_orders):
    rows = with_orders.execute(
        """
        select
            planted_campaigns.effect_on_responders,
            sum(planted_campaigns.treated_responder_count),
            sum(coalesce(brought.orders, 0))
        from planted_campaigns
        left join (
            select campaign_id, count(*) as orders from planted_orders
            where campaign_id is not null group by campaign_id
        ) as brought on planted_campaigns.campaign_id = brought.campaign_id
        group by all order by all
        """
    ).fetchall()
    assert [effect for effect, _, _ in rows] == [0.0, 0.15, 0.2, 0.3, 0.45]
    for effect, treated, orders in rows:
        assert treated > 50
        spread = math.sqrt(float(treated) * effect * (1 - effect))
        assert abs(float(orders) - effect * float(treated)) <= SIGMAS * spread


def test_campaigns_go_out_on_every_weekday(with_orders):
    sent = with_orders.execute(
        "select isodow(sent_at::timestamp), count(*) from planted_campaigns group by all"
    ).fetchall()
    assert len(sent) == 7
    assert max(count for _, count in sent) - min(count for _, count in sent) <= 1


def test_who_is_held_out_gets_no_message(shop, with_orders):
    reached = with_orders.execute(
        f"""
        select assignments.variant, count(distinct messages.customer_id)
        from read_csv('{shop.landing}/experiment_assignments/*.csv', all_varchar = true)
            as assignments
        left join messages
            on assignments.customer_id = messages.customer_id
            and replace(assignments.experiment_id, '-holdout', '') = messages.campaign_id
            and messages.channel = 'email'
        group by all
        """
    ).fetchall()
    assert dict(reached)["holdout"] == 0
    assert dict(reached)["treatment"] > 1000


def test_some_late_starters_buy_in_the_history_and_some_in_the_hidden_year(with_orders):
    [(before, only_after)] = with_orders.execute(
        """
        select
            count(*) filter (order_count > 0),
            count(*) filter (order_count = 0 and person_number in (
                select person_number from future_orders
            ))
        from planted_customers where planted_type = 'late_starter'
        """
    ).fetchall()
    assert before > 30
    assert only_after > 5


def test_prospects_and_visitors_never_buy_and_visitors_have_no_name(with_orders):
    [(orders,)] = with_orders.execute(
        """
        select count(*) from planted_customers
        where planted_type in ('prospect', 'visitor')
            and (order_count > 0 or person_number in (select person_number from future_orders))
        """
    ).fetchall()
    assert orders == 0
    seen = with_orders.execute(
        """
        select count(*), count(events.customer_id), count(events.email_hash)
        from events
        inner join planted_devices on events.anonymous_id = planted_devices.anonymous_id
        inner join planted_customers
            on planted_devices.person_number = planted_customers.person_number
        where planted_customers.planted_type = 'visitor'
        """
    ).fetchall()
    [(events, customers, addresses)] = seen
    assert events > 500
    assert customers == addresses == 0


def test_the_hidden_year_stands_in_the_truth_alone(with_orders):
    [(first, last)] = with_orders.execute(
        "select min(ordered_at), max(ordered_at) from future_orders"
    ).fetchall()
    assert str(first) >= "2026-07-01"
    assert str(last) < "2027-07-03"
    for table, column in (("orders", "ordered_at"), ("events", "received_at")):
        late = with_orders.execute(
            f"select count(*) from {table} where {column} >= '2026-07-01 00:01:00'"
        ).fetchall()
        assert late == [(0,)]


def test_numbers_of_sql_are_even_in_each_argument():
    with duckdb.connect() as connection:
        create_random_macros(connection, 7)
        for expression in ("unit(drawn_for(11, i), 3)", "unit(drawn_for(11, 3), i)"):
            [(mean, spread, lowest, highest)] = connection.execute(
                f"select avg(u), stddev(u), min(u), max(u)"
                f" from (select {expression} as u from range(20000) as numbers(i))"
            ).fetchall()
            assert abs(mean - 0.5) < SIGMAS * math.sqrt(1 / 12 / 20_000)
            assert abs(spread - math.sqrt(1 / 12)) < 0.005
            assert 0 <= lowest < 0.001
            assert 0.999 < highest < 1
        # Neighbours in the last argument, or in the one before, must have nothing in common.
        for other in ("unit(drawn_for(11, i), 4)", "unit(drawn_for(11, i + 1), 3)"):
            [(common,)] = connection.execute(
                f"select corr(unit(drawn_for(11, i), 3), {other}) from range(20000) as numbers(i)"
            ).fetchall()
            assert abs(common) < SIGMAS / math.sqrt(20_000)


def test_nothing_but_the_generator_and_tests_knows_the_truth():
    project = Project.here()
    sources = [*project.orchestration.rglob("*.py"), *project.models.rglob("*.sql")]
    sources += project.macros.rglob("*.sql")
    knowing = {
        path.relative_to(project.root)
        for path in sources
        if path.parent.name != "demo_shop"
        and re.search(r"planted_|future_orders|\.truth\b|[/\"']truth", path.read_text("utf-8"))
    }
    assert knowing == set()
