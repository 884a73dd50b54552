import { ownColumns } from "../clerk_columns.ts";
import { createEventMapping } from "./event_mapping.ts";
import { createInstanceGuard } from "../_clerk-supabase/clerk/event_instance.ts";
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
    ...createEventMapping(config, ownColumns),
  }));
