-- The Clerk instance that this database mirrors. Keys of another instance would import its users and treat all others
-- as deleted. So the first accepted webhook, or the first proof of clerk-reconcile, binds the database to an instance,
-- and only an operator can move it to another one.

create table clerk.instance (
    singleton boolean primary key default true,
    instance_id text not null,
    bound_at timestamptz not null default now(),
    bound_by text not null,
    moved_from text,
    constraint instance_singleton check (singleton),
    constraint instance_id_length check (length(instance_id) between 1 and 255),
    constraint instance_bound_by check (bound_by in ('webhook', 'reconcile', 'operator'))
);

alter table clerk.instance enable row level security;
revoke all on table clerk.instance from public, anon, authenticated, service_role;
grant select, insert, update on table clerk.instance to service_role;

comment on table clerk.instance is
'At most one row: the Clerk instance that this database mirrors. Empty until the first binding.';
comment on column clerk.instance.instance_id is
'Clerk''s instance id, ins_…: the instance_id of events, and the kid of the JWKS.';
comment on column clerk.instance.bound_by is 'The source of the binding: webhook, reconcile, or operator for a move.';
comment on column clerk.instance.moved_from is 'The instance before the last move; null if there was none.';

create function public.clerk_instance() returns jsonb
language sql stable
security invoker
set search_path = ''
as $$
    select to_jsonb(bound) - 'singleton' from clerk.instance as bound
$$;

revoke all on function public.clerk_instance() from public, anon, authenticated, service_role;
grant execute on function public.clerk_instance() to service_role;

comment on function public.clerk_instance() is
'The bound instance: {"instance_id", "bound_at", "bound_by", "moved_from"}; null if none is bound.';

-- Binds an unbound database and never moves a bound one. The caller compares the result with its own instance id: of
-- several callers at once one wins, and the others receive the winner's instance.
create function public.bind_clerk_instance(instance_id text, bound_by text default 'reconcile') returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    insert into clerk.instance (instance_id, bound_by)
    values (bind_clerk_instance.instance_id, bind_clerk_instance.bound_by)
    on conflict on constraint instance_pkey do nothing;
    return public.clerk_instance();
end
$$;

revoke all on function public.bind_clerk_instance(text, text) from public, anon, authenticated, service_role;
grant execute on function public.bind_clerk_instance(text, text) to service_role;

comment on function public.bind_clerk_instance(text, text) is
'Binds the database to an instance if it is not bound; returns the instance that it is bound to, like clerk_instance().';

-- Moves the database to another instance, if an operator names both. Reconcile starts from the beginning, because its
-- cursors and its watermark belong to the old instance, and a running slice loses its lease. Users and tombstones stay.
create function public.move_clerk_instance(from_instance text, to_instance text) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
begin
    update clerk.instance as bound
    set instance_id = to_instance, moved_from = from_instance, bound_at = now(), bound_by = 'operator'
    where bound.instance_id = from_instance and from_instance <> to_instance;

    if found then
        update clerk.reconcile set lease = null, leased_until = null, state = '{}';
    end if;
    return public.clerk_instance();
end
$$;

revoke all on function public.move_clerk_instance(text, text) from public, anon, authenticated, service_role;
grant execute on function public.move_clerk_instance(text, text) to service_role;

comment on function public.move_clerk_instance(text, text) is
'Moves the database from one instance to another, if it is bound to the first; returns the instance that it is bound to.';

-- A webhook calls this until it knows that the database is bound to its event's instance, and then calls
-- apply_clerk_changes() directly, so the check costs the common path nothing. If another instance is bound, all changes
-- are refused and the ledger records nothing.
create function public.apply_clerk_changes_of(instance_id text, changes jsonb) returns jsonb
language plpgsql volatile
security invoker
set search_path = ''
as $$
declare
    bound text := public.bind_clerk_instance(apply_clerk_changes_of.instance_id, 'webhook') ->> 'instance_id';
begin
    if bound <> apply_clerk_changes_of.instance_id then
        return (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object('outcome', 'refused', 'code', 'WRONG_INSTANCE', 'detail', jsonb_build_object('bound', bound))
                ), '[]'
            )
            from jsonb_array_elements(changes)
        );
    end if;
    return public.apply_clerk_changes(changes);
end
$$;

revoke all on function public.apply_clerk_changes_of(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.apply_clerk_changes_of(text, jsonb) to service_role;

comment on function public.apply_clerk_changes_of(text, jsonb) is
'Like apply_clerk_changes(), for one instance: binds the database to it; if another is bound, refuses all as WRONG_INSTANCE.';
