import { ownColumns } from "../clerk_columns.ts";
import { createEventMapping } from "../_shared/clerk/event_mapping.ts";
import { createInstanceGuard } from "../_shared/clerk/instance.ts";
import { createWebhookVerifier } from "../_shared/clerk/webhook.ts";
import { readWebhookConfig } from "../_shared/config.ts";
import { createApplyInstanceChanges } from "../_shared/database/apply_changes.ts";
import { createServiceClient } from "../_shared/database/clients.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { CLERK_WEBHOOK, createClerkWebhookHandler } from "./handler.ts";

export default serveWith(CLERK_WEBHOOK, readWebhookConfig, (config, platform) =>
  createClerkWebhookHandler({
    ...platform,
    verifyWebhook: createWebhookVerifier(config.secrets, platform.now),
    guardInstance: createInstanceGuard(config, fetch, platform.now),
    applyChanges: createApplyInstanceChanges(createServiceClient(config.service)),
    ...createEventMapping(config, ownColumns),
  }));
