-- How fresh the users are, for operators and their monitoring.

create function public.clerk_status() returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    select jsonb_build_object(
        'users', (select count(*) from public.users where deleted_at is null),
        'deleted', (select count(*) from clerk.users where deleted_at is not null),
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
        'last_day', (
            select coalesce(jsonb_agg(to_jsonb(counted) order by counted.type, counted.outcome), '[]')
            from (
                select
                    coalesce(message.type, 'unknown') as type,
                    message.outcome,
                    count(*) as messages,
                    -- A replay of old messages is no lag of today's: the median tells more than the mean.
                    round(
                        percentile_cont(0.5) within group (
                            order by extract(epoch from message.received_at - message.event_at)::float8
                        )::numeric, 3
                    ) as median_lag_seconds
                from clerk.messages as message
                where message.received_at > now() - interval '1 day'
                group by 1, 2
            ) as counted
        ),
        'reconcile', (select held.state || jsonb_build_object('running', coalesce(held.leased_until > now(), false)) from clerk.reconcile as held)
    )
$$;

revoke all on function public.clerk_status() from public, anon, authenticated, service_role;
grant execute on function public.clerk_status() to service_role;

comment on function public.clerk_status() is
'Live and deleted users, the last message, the last day''s messages by type and outcome, and the state of reconcile.';
