"""What a period came to."""

import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from . import answers, kept
from .auth import CurrentUser, allowed
from .database import Reader

router = APIRouter()

DASHBOARD = kept.statement("""
    WITH period AS MATERIALIZED (
        SELECT coalesce(CAST(:from AS date), date_trunc('month', coalesce(CAST(:to AS date), today)::timestamp)::date) AS first,
               coalesce(CAST(:to AS date), (date_trunc('month', coalesce(CAST(:from AS date), today)::timestamp)
                                            + interval '1 month - 1 day')::date) AS last
        FROM (SELECT (now() AT TIME ZONE s.timezone)::date AS today FROM salons s WHERE s.id = :salon) AS salon
    ), taken AS MATERIALIZED (
        SELECT t.date, t.payment_method_id, t.payment_method_name, sum(t.amount) AS amount, count(*) AS count
        FROM takings t WHERE t.salon_id = :salon AND t.date BETWEEN (SELECT first FROM period) AND (SELECT last FROM period)
        GROUP BY t.date, t.payment_method_id, t.payment_method_name
    ), spent AS (
        SELECT coalesce(category, 'other') AS category, sum(amount) AS amount FROM operations
        WHERE salon_id = :salon AND date BETWEEN (SELECT first FROM period) AND (SELECT last FROM period) AND deleted_at IS NULL AND status = 'completed' AND type = 'expense'
        GROUP BY coalesce(category, 'other')
    ), totals AS MATERIALIZED (
        SELECT (SELECT coalesce(sum(amount), 0) FROM taken) AS revenue, (SELECT coalesce(sum(amount), 0) FROM spent) AS expenses
    ), days AS (
        SELECT day::date AS date, 0 AS amount FROM period, generate_series(first::timestamp, last::timestamp, '1 day') AS day
        WHERE last - first < 366
        UNION ALL SELECT date, amount FROM taken
    ), by_method AS (
        SELECT m.id, coalesce(m.name, k.payment_method_name) AS name, m.type, sum(k.amount) AS amount, sum(k.count) AS count
        FROM taken k LEFT JOIN payment_methods m ON m.id = k.payment_method_id
        GROUP BY m.id, coalesce(m.name, k.payment_method_name), m.type
    ), by_service AS (
        SELECT l.service_id, CASE WHEN l.service_id IS NULL THEN l.name END AS name, coalesce(sum(l.price), 0) AS revenue,
               count(*) AS count
        FROM appointments a JOIN appointment_lines l ON l.appointment_id = a.id
        WHERE a.salon_id = :salon AND a.date BETWEEN (SELECT first FROM period) AND (SELECT last FROM period) AND a.deleted_at IS NULL AND a.status = 'completed'
        GROUP BY l.service_id, CASE WHEN l.service_id IS NULL THEN l.name END
        ORDER BY revenue DESC, count DESC LIMIT 10
    )
    SELECT jsonb_build_object(
        'dateFrom', p.first, 'dateTo', p.last, 'totalRevenue', trim_scale(t.revenue), 'totalExpenses', trim_scale(t.expenses),
        'netIncome', trim_scale(t.revenue - t.expenses), 'profit', trim_scale(t.revenue - t.expenses),
        'profitMargin', CASE WHEN t.revenue > 0 THEN trim_scale(round(100 * (t.revenue - t.expenses) / t.revenue, 2)) ELSE 0 END,
        'revenueByDay', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('date', d.date, 'amount', trim_scale(d.amount)) ORDER BY d.date), '[]')
            FROM (SELECT date, sum(amount) AS amount FROM days GROUP BY date) AS d),
        'expensesByCategory', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('category', category, 'amount', trim_scale(amount))
                                      ORDER BY amount DESC, category), '[]')
            FROM spent),
        'paymentMethodsSplit', (
            SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'paymentMethodId', id, 'method', name, 'type', type, 'amount', trim_scale(amount), 'count', count,
                'percentage', CASE WHEN t.revenue > 0 THEN trim_scale(round(100 * amount / t.revenue, 2)) ELSE 0 END))
                ORDER BY amount DESC, name), '[]')
            FROM by_method),
        'topServices', (
            SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'serviceId', b.service_id, 'name', coalesce(s.name, b.name), 'service', coalesce(s.name, b.name),
                'revenue', trim_scale(b.revenue), 'count', b.count))
                ORDER BY b.revenue DESC, b.count DESC, coalesce(s.name, b.name)), '[]')
            FROM by_service b LEFT JOIN services s ON s.id = b.service_id)
    ) AS body
    FROM period p, totals t
""")


@router.get("/finances/dashboard")
async def dashboard(
    user: Annotated[CurrentUser, allowed("finances.view")],
    connection: Reader,
    date_from: Annotated[datetime.date | None, Query(alias="dateFrom")] = None,
    date_to: Annotated[datetime.date | None, Query(alias="dateTo")] = None,
) -> Response:
    if date_from and date_to and date_from > date_to:
        raise HTTPException(422, "dateTo must not be before dateFrom")
    values = {"salon": user.salon_id, "from": date_from, "to": date_to}
    return answers.json(await kept.body(connection, DASHBOARD, values, answers.encoded))
