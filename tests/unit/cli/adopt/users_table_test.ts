import { assertEquals } from "@std/assert";
import { findObstacle } from "../../../../cli/adopt/users_table.ts";

const OURS = "20261123000100";
const [BEFORE, LATER, BEHIND] = ["20250101000000", "20250201000000", "20270101000000"];

function obstacle(...migrations: Array<[version: string, sql: string]>): string | undefined {
  const found = findObstacle(migrations.map(([version, sql]) => ({ version, name: "own", sql })), OURS);
  return found && `${found.migration.version} ${found.what}`;
}

Deno.test("findObstacle() finds a table or view users of public, however it is written", () => {
  for (
    const sql of [
      "create table users (id int);",
      'CREATE TABLE IF NOT EXISTS "public"."users" (\n id uuid);',
      "create unlogged table public.users(id int);",
      "create or replace view public.users as select 1;",
      "create\n  table\n  public . users\n(id int);",
    ]
  ) assertEquals(obstacle([BEFORE, sql]), `${BEFORE} public.users`, sql);
});

Deno.test("findObstacle() passes over other tables, schemas and comments", () => {
  for (
    const sql of [
      "create table auth.users (id int);",
      "create table public.users_teams (id int);",
      "create table public.app_users (id int);",
      "create table my.users (id int);",
      "-- create table users (id int);",
      "/* create table users\n (id int); */",
      "create table orders (user_id uuid references users (id));",
      "create schema clerk_sync;",
    ]
  ) assertEquals(obstacle([BEFORE, sql]), undefined, sql);
});

Deno.test("findObstacle() lets a table users pass that is out of the way before the bundle's first migration", () => {
  const create = "create table public.users (id int);";
  for (
    const leave of [
      "alter table public.users rename to members;",
      "alter table if exists only users set schema app;",
      "drop table if exists users;",
    ]
  ) {
    assertEquals(obstacle([BEFORE, create], [LATER, leave]), undefined, leave);
    assertEquals(obstacle([BEFORE, create], [BEHIND, leave]), `${BEFORE} public.users`, leave);
  }
  assertEquals(
    obstacle([BEFORE, create], [LATER, "alter table users rename column a to b;"]),
    `${BEFORE} public.users`,
  );
  assertEquals(obstacle([BEHIND, create]), `${BEHIND} public.users`);
});

Deno.test("findObstacle() finds a schema clerk, as Clerk's foreign data wrapper has it", () => {
  assertEquals(obstacle([BEFORE, "create schema if not exists clerk;"]), `${BEFORE} the schema clerk`);
});
