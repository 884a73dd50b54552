-- Drops the objects that the migrations of clerk-supabase created: the functions in public, and the schema clerk with
-- the ledger, the kept events, the tombstones and the state of reconcile. Written by `clerk-supabase remove`.
--
-- public.users, public.organizations and public.organization_memberships stay: their rows, their policies for select,
-- their grants, and every table that refers to them. From here on they belong to the project, and only the service role
-- may write them.

-- If objects of the project still call one of these functions, `cascade` would drop them too, and a table without its
-- policy denies or allows every row. So this migration names them, and drops nothing.
do $$
declare
    -- Without functions that are already dropped, because comparisons with null are never true.
    bundle oid [] := array_remove(array[
        to_regprocedure('public.apply_clerk_changes(jsonb)'),
        to_regprocedure('public.apply_clerk_changes_of(text, jsonb)'),
        to_regprocedure('public.bind_clerk_instance(text, text)'),
        to_regprocedure('public.caller_deleted_at()'),
        to_regprocedure('public.caller_has_permission(text)'),
        to_regprocedure('public.caller_has_role(text)'),
        to_regprocedure('public.caller_organization_id()'),
        to_regprocedure('public.caller_user_id()'),
        to_regprocedure('public.clerk_diagnosis()'),
        to_regprocedure('public.clerk_instance()'),
        to_regprocedure('public.clerk_status()'),
        to_regprocedure('public.count_clerk_memberships(timestamptz)'),
        to_regprocedure('public.count_clerk_organizations(timestamptz)'),
        to_regprocedure('public.count_clerk_users(timestamptz)'),
        to_regprocedure('public.lease_reconcile(integer)'),
        to_regprocedure('public.list_clerk_memberships(text, integer)'),
        to_regprocedure('public.list_clerk_organizations(text, integer)'),
        to_regprocedure('public.list_clerk_refusals(text, integer)'),
        to_regprocedure('public.list_clerk_users(text, integer)'),
        to_regprocedure('public.move_clerk_instance(text, text)'),
        to_regprocedure('public.preview_clerk_changes(jsonb)'),
        to_regprocedure('public.retry_clerk_deletions(integer)'),
        to_regprocedure('public.retry_clerk_organizations(integer, text)'),
        to_regprocedure('public.save_reconcile(uuid, jsonb, integer)')
    ], null);
    dependents text;
begin
    select string_agg(distinct pg_describe_object(dependency.classid, dependency.objid, dependency.objsubid), '; ')
    into dependents
    from pg_depend as dependency
    inner join pg_proc as called on called.oid = dependency.refobjid
    where dependency.refclassid = 'pg_proc'::regclass
        and dependency.deptype = 'n'
        and (
            called.pronamespace = to_regnamespace('clerk')
            or called.oid = any (bundle)
        );

    -- PostgreSQL does not track calls in a function's text, and drops a table together with its triggers and policies.
    select concat_ws('; ', dependents, string_agg(pg_describe_object(own.class_id, own.id, 0), '; ' order by own.id))
    into dependents
    from (
        select 'pg_proc'::regclass as class_id, caller.oid as id
        from pg_proc as caller
        where caller.pronamespace not in (
                select oid from pg_namespace where nspname in ('clerk', 'pg_catalog', 'information_schema')
            )
            and caller.oid <> all (bundle)
            and (
                caller.prosrc ~* (
                    '\m(apply_clerk_changes|apply_clerk_changes_of|bind_clerk_instance|caller_deleted_at'
                    || '|caller_has_permission|caller_has_role|caller_organization_id|caller_user_id'
                    || '|clerk_diagnosis|clerk_instance|clerk_status|count_clerk_memberships'
                    || '|count_clerk_organizations|count_clerk_users|lease_reconcile|list_clerk_memberships'
                    || '|list_clerk_organizations|list_clerk_refusals|list_clerk_users|move_clerk_instance'
                    || '|preview_clerk_changes|retry_clerk_deletions|retry_clerk_organizations|save_reconcile)\M'
                )
                or caller.prosrc ~* (
                    '\mclerk"?\s*[.]\s*"?(active_organization_id|active_permissions|active_role|applied_migrations|are_apart'
                    || '|base_columns|caller_membership|change|check_own_columns|claim_address|delete_mode'
                    || '|describe_failure|end_membership|find_moving_pairs|find_organization_problem'
                    || '|find_pair_states|give_address|has_unique_username|instance'
                    || '|is_open_organization_refusal|is_open_refusal|is_passing|join_outcomes'
                    || '|judge_organization_change|keep_organization_event|kept_events'
                    || '|lift_organization_tombstone|lift_tombstone|lock_organization_names|lock_pairs'
                    || '|messages|note_organization_refusal|note_pair_refusal|note_refusal|organization_change'
                    || '|organization_features|organization_key|organization_memberships|organizations|outcome'
                    || '|pair|pair_state|prune_messages|read_odd_change|read_odd_changes'
                    || '|read_organization_change|read_organization_changes|reconcile|record_message'
                    || '|record_organization_message|refusals|refuse_change|refuse_organization_by_schema'
                    || '|refuse_organization_change|retry_membership|settle_alone|settle_blocked_deletion'
                    || '|settle_blocked_organization|settle_changes|settle_deletion|settle_extras'
                    || '|settle_members|settle_members_of|settle_memberships|settle_organization_alone'
                    || '|settle_organization_changes|settle_organization_deletion|settle_organizations'
                    || '|settle_organizations_alone|settle_pairs|settle_parent_pairs|settle_special'
                    || '|settle_times|settle_with_organizations|store_membership|text_claim|users'
                    || '|without_organizations|write_organization|write_row|write_row_and_own)\M'
                )
            )
        union all
        select 'pg_trigger'::regclass, own_trigger.oid
        from pg_trigger as own_trigger
        inner join pg_class as watched on watched.oid = own_trigger.tgrelid
        where watched.relnamespace = to_regnamespace('clerk') and not own_trigger.tgisinternal
        union all
        select 'pg_policy'::regclass, own_policy.oid
        from pg_policy as own_policy
        inner join pg_class as guarded on guarded.oid = own_policy.polrelid
        where guarded.relnamespace = to_regnamespace('clerk') and own_policy.polname <> 'users_select_own'
    ) as own;

    if dependents <> '' then
        raise exception 'Cannot remove clerk-supabase: it is used by %', dependents
            using
                errcode = 'dependent_objects_still_exist',
                hint = 'Nothing has been removed. Change or drop these at the top of this migration, then push again.';
    end if;
end
$$;

drop function if exists public.apply_clerk_changes(jsonb);
drop function if exists public.apply_clerk_changes_of(text, jsonb);
drop function if exists public.bind_clerk_instance(text, text);
drop function if exists public.caller_deleted_at();
drop function if exists public.caller_has_permission(text);
drop function if exists public.caller_has_role(text);
drop function if exists public.caller_organization_id();
drop function if exists public.caller_user_id();
drop function if exists public.clerk_diagnosis();
drop function if exists public.clerk_instance();
drop function if exists public.clerk_status();
drop function if exists public.count_clerk_memberships(timestamptz);
drop function if exists public.count_clerk_organizations(timestamptz);
drop function if exists public.count_clerk_users(timestamptz);
drop function if exists public.lease_reconcile(integer);
drop function if exists public.list_clerk_memberships(text, integer);
drop function if exists public.list_clerk_organizations(text, integer);
drop function if exists public.list_clerk_refusals(text, integer);
drop function if exists public.list_clerk_users(text, integer);
drop function if exists public.move_clerk_instance(text, text);
drop function if exists public.preview_clerk_changes(jsonb);
drop function if exists public.retry_clerk_deletions(integer);
drop function if exists public.retry_clerk_organizations(integer, text);
drop function if exists public.save_reconcile(uuid, jsonb, integer);

-- By name, with any parameters. Tables and types go last, because these functions depend on them.
do $$
declare
    part regprocedure;
begin
    for part in
        select oid::regprocedure from pg_proc
        where pronamespace = to_regnamespace('clerk') and proname in (
            'active_organization_id', 'active_permissions', 'active_role', 'applied_migrations', 'are_apart',
            'base_columns', 'caller_membership', 'check_own_columns', 'claim_address', 'describe_failure', 'end_membership',
            'find_moving_pairs', 'find_organization_problem', 'find_pair_states', 'give_address',
            'has_unique_username', 'is_open_organization_refusal', 'is_open_refusal', 'is_passing', 'join_outcomes',
            'judge_organization_change', 'keep_organization_event', 'lift_organization_tombstone', 'lift_tombstone',
            'lock_organization_names', 'lock_pairs', 'note_organization_refusal', 'note_pair_refusal',
            'note_refusal', 'organization_features', 'organization_key', 'prune_messages', 'read_odd_change',
            'read_odd_changes', 'read_organization_change', 'read_organization_changes', 'record_message',
            'record_organization_message', 'refuse_change', 'refuse_organization_by_schema',
            'refuse_organization_change', 'retry_membership', 'settle_alone', 'settle_blocked_deletion',
            'settle_blocked_organization', 'settle_changes', 'settle_deletion', 'settle_extras', 'settle_members',
            'settle_members_of', 'settle_memberships', 'settle_organization_alone', 'settle_organization_changes',
            'settle_organization_deletion', 'settle_organizations', 'settle_organizations_alone', 'settle_pairs',
            'settle_parent_pairs', 'settle_special', 'settle_times', 'settle_with_organizations', 'store_membership',
            'text_claim', 'without_organizations', 'write_organization', 'write_row', 'write_row_and_own'
        )
    loop
        execute format('drop function %s', part);
    end loop;
end
$$;

drop type if exists clerk.change;
drop type if exists clerk.organization_change;
drop type if exists clerk.pair_state;
drop type if exists clerk.pair;

drop table if exists clerk.instance;
drop table if exists clerk.kept_events;
drop table if exists clerk.messages;
drop table if exists clerk.organization_memberships;
drop table if exists clerk.organizations;
drop table if exists clerk.reconcile;
drop table if exists clerk.refusals;
drop table if exists clerk.users;

drop type if exists clerk.delete_mode;
drop type if exists clerk.outcome;

-- Fails if the schema contains objects of the project.
drop schema if exists clerk;

comment on table public.users is 'Users of this project, as Clerk had them when clerk-supabase was removed.';
comment on table public.organizations is
'Organizations of this project, as Clerk had them when clerk-supabase was removed.';
comment on table public.organization_memberships is
'Members of organizations, as Clerk had them when clerk-supabase was removed.';
