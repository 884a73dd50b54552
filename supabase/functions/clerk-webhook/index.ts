import { ownColumns } from "../clerk_columns.ts";
import { createInstanceGuard } from "../_clerk-supabase/clerk/instance.ts";
import { createTypeTest } from "../_clerk-supabase/formats/type_patterns.ts";
import { createOwnColumnsMapping } from "../_clerk-supabase/clerk/own_columns.ts";
import { createWebhookVerifier } from "../_clerk-supabase/clerk/webhook.ts";
import { readWebhookConfig } from "../_clerk-supabase/config.ts";
import { createApplyInstanceChanges } from "../_clerk-supabase/database/apply_changes.ts";
import { createServiceClient } from "../_clerk-supabase/database/clients.ts";
import { serveWith } from "../_clerk-supabase/http/serve.ts";
import { CLERK_WEBHOOK, createClerkWebhookHandler } from "./handler.ts";

export default serveWith(CLERK_WEBHOOK, readWebhookConfig, (config, platform) =>
  createClerkWebhookHandler({
    ...platform,
    verifyWebhook: createWebhookVerifier(config.secrets, platform.now),
    guardInstance: createInstanceGuard(config, fetch, platform.now),
    applyChanges: createApplyInstanceChanges(createServiceClient(config.service)),
    deleteMode: config.deleteMode,
    mapOwn: createOwnColumnsMapping(ownColumns),
    keepsType: createTypeTest(config.keepEvents),
  }));
