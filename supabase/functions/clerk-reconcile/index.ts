import { ownColumns } from "../clerk_columns.ts";
import { createServiceKeyCheck } from "../_clerk-supabase/auth/service_key.ts";
import { createOwnColumnsMapping } from "../_clerk-supabase/clerk/own_columns.ts";
import { readReconcileConfig } from "../_clerk-supabase/config.ts";
import { keepAlive } from "./background.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { CLERK_RECONCILE, createClerkReconcileHandler } from "./handler.ts";
import { createReconcile } from "./compose.ts";

export default serveWith(CLERK_RECONCILE, readReconcileConfig, (config, platform) =>
  createClerkReconcileHandler({
    ...platform,
    ...createReconcile(config, createOwnColumnsMapping(ownColumns), fetch, platform.now),
    requireServiceKey: createServiceKeyCheck(config.serviceKeys),
    keepAlive,
  }));
