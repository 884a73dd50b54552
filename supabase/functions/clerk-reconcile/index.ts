import { ownColumns } from "../clerk_columns.ts";
import { createServiceKeyCheck } from "../_shared/auth/service_key.ts";
import { createOwnColumnsMapping } from "../_shared/clerk/own_columns.ts";
import { readReconcileConfig } from "../_shared/config.ts";
import { keepAlive } from "../_shared/http/background.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { CLERK_RECONCILE, createClerkReconcileHandler } from "./handler.ts";
import { createReconcile } from "./tasks.ts";

export default serveWith(CLERK_RECONCILE, readReconcileConfig, (config, platform) =>
  createClerkReconcileHandler({
    ...platform,
    ...createReconcile(config, createOwnColumnsMapping(ownColumns), fetch, platform.now),
    requireServiceKey: createServiceKeyCheck(config.serviceKeys),
    keepAlive,
  }));
