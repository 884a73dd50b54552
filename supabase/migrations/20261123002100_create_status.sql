-- Reports how fresh the tables are, for `deno task clerk status` and for monitoring: returns facts, without a
-- judgement.
create function public.clerk_status() returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    -- A median needs a sort, so it reads the newest messages only, even if a day has more.
    with lags as (
        select
            newest.type,
            newest.outcome,
            round(
                percentile_cont(0.5) within group (
                    order by extract(epoch from newest.received_at - newest.event_at)::float8
                )::numeric, 3
            ) as median_lag_seconds
        from (
            select message.type, message.outcome, message.received_at, message.event_at
            from clerk.messages as message
            where message.received_at > now() - interval '1 day'
            order by message.received_at desc
            limit 10000
        ) as newest
        group by newest.type, newest.outcome
    ),

    counts as (
        select message.type, message.outcome, count(*) as messages
        from clerk.messages as message
        where message.received_at > now() - interval '1 day'
        group by message.type, message.outcome
    ),

    last_day as (
        select coalesce(counts.type, 'unknown') as type, counts.outcome, counts.messages, lags.median_lag_seconds
        from counts
        left join lags on lags.type is not distinct from counts.type and lags.outcome = counts.outcome
    )

    select jsonb_build_object(
        'users', public.count_clerk_users(),
        'deleted', (select count(*) from clerk.users where deleted_at is not null),
        'organizations', jsonb_build_object(
            'live', public.count_clerk_organizations(),
            'deleted', (select count(*) from clerk.organizations where deleted_at is not null),
            'memberships', public.count_clerk_memberships()
        ),
        'instance', public.clerk_instance(),
        'refusals', (
            select jsonb_build_object(
                'users', count(refusal.user_id) filter (where refusal.type not like '%.deleted'),
                'organizations', count(refusal.organization_id) filter (where refusal.type not like '%.deleted'),
                'memberships', count(refusal.membership_id) filter (where refusal.type not like '%.deleted'),
                'deletions', count(*) filter (where refusal.type like '%.deleted'),
                'since', min(refusal.first_refused_at)
            )
            from clerk.refusals as refusal
            where clerk.is_open_refusal(refusal)
        ),
        -- Refused with a response that makes Svix try again, for as long as Svix does.
        'failing', (
            select jsonb_build_object('messages', count(*), 'since', min(message.received_at))
            from clerk.messages as message
            where message.outcome = 'refused' and message.code in ('SCHEMA_REFUSED', 'OWN_COLUMN_INVALID')
                and message.received_at > now() - interval '28 hours'
        ),
        'last_message', (
            select jsonb_build_object(
                'type', message.type,
                'received_at', message.received_at,
                'event_at', message.event_at,
                'lag_seconds', round(extract(epoch from message.received_at - message.event_at), 3)
            )
            from clerk.messages as message
            order by message.received_at desc
            limit 1
        ),
        'last_day', (select coalesce(jsonb_agg(to_jsonb(last_day) order by last_day.type, last_day.outcome::text), '[]') from last_day),
        'reconcile', (
            select held.state || jsonb_build_object('running', coalesce(held.leased_until > now(), false))
            from clerk.reconcile as held
        )
    )
$$;

revoke all on function public.clerk_status() from public, anon, authenticated, service_role;
grant execute on function public.clerk_status() to service_role;

comment on function public.clerk_status() is
'Live and deleted users and organizations, memberships, the bound instance, open refusals by the schema, failing messages,
the last message, the last day''s messages by type and outcome, and the state of reconcile.';
