/**
 * Runs the simulator on its own port, without the rest of the stack.
 *
 * @module
 */
import { createInstance, type Instance, type InstanceKind } from "../../../dev/clerk/keys.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../dev/clerk/simulator.ts";
import { listen } from "../../../project/listen.ts";

/** A simulator that accepts requests. */
export interface TestSimulator extends Simulator {
  url: string;
  secretKey: string;
  /** Reads a route of the Backend API. */
  get: (path: string) => Promise<Response>;
  /** The received webhooks. */
  webhooks: Request[];
}

/** The signing key of this process's instances: an RSA key takes 0.1 s of CPU time. */
let signingKey: Promise<Instance["privateJwk"]> | undefined;

/** Creates an instance with its own id and secrets, and the signing key of this process. */
export async function createTestInstance(kind: InstanceKind): Promise<Instance> {
  signingKey ??= createInstance("test").then(({ privateJwk }) => privateJwk);
  return await createInstance(kind, await signingKey);
}

/** Runs a test with a simulator and accepts all its webhooks. */
export async function withSimulator(
  options: Partial<SimulatorOptions>,
  run: (simulator: TestSimulator) => Promise<void>,
): Promise<void> {
  const webhooks: Request[] = [];
  const endpoint = listen(0);
  endpoint.serve(async (request) => {
    webhooks.push(new Request(request.url, { method: "POST", headers: request.headers, body: await request.text() }));
    return new Response("{}");
  });
  const port = listen(0);
  const simulator = await startSimulator({
    url: port.url,
    webhookEndpoint: endpoint.url,
    rateLimit: false,
    instance: await createTestInstance(options.kind ?? "test"),
    ...options,
  });
  const { secretKey } = simulator.state.instance;
  port.serve(simulator.fetch);
  const get = (path: string) => fetch(port.url + path, { headers: { authorization: `Bearer ${secretKey}` } });
  try {
    await run({ ...simulator, url: port.url, secretKey, get, webhooks });
  } finally {
    await simulator.stop();
    await Promise.all([port.close(), endpoint.close()]);
  }
}
