import { createServiceKeyTest } from "../_shared/auth/service_key.ts";
import { readHealthConfig } from "../_shared/config.ts";
import { serveWith } from "../_shared/http/serve.ts";
import { composeCountFailing, composeHealthCheck } from "./check.ts";
import { createHealthHandler, HEALTH } from "./handler.ts";

export default serveWith(HEALTH, readHealthConfig, (config, platform) =>
  createHealthHandler({
    ...platform,
    check: composeHealthCheck(config, fetch, platform.now),
    countFailing: composeCountFailing(config),
    isService: createServiceKeyTest(config.serviceKeys),
  }));
