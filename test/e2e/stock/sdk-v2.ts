import {
  Client,
  StreamableHTTPClientTransport,
  UnauthorizedError,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import { personProvider } from './person-provider.ts';
import type { StockClient } from './stock-client.ts';
import { echoedBy } from './tool-text.ts';

/** An application on the TypeScript SDK v2, speaking the newest revision that the server speaks. */
export const sdkV2: StockClient = {
  name: 'TypeScript SDK v2',
  echo: async (call) => {
    const login = await personProvider('sdk-v2-app', call);
    // What v2 adds to the provider of v1 is optional: issuers travel inside what it stores.
    const authProvider = login.provider as OAuthClientProvider;
    const connect = async (): Promise<Client> => {
      const client = new Client({ name: 'sdk-v2-app', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      const transport = new StreamableHTTPClientTransport(new URL(call.url), { authProvider });
      try {
        await client.connect(transport);
        return client;
      } catch (error) {
        if (!(error instanceof UnauthorizedError)) throw error;
        await transport.finishAuth(await login.code());
        return connect();
      }
    };
    try {
      const client = await connect();
      const result = await client.callTool({ name: 'echo', arguments: { message: call.message } });
      await client.close();
      return echoedBy(result);
    } finally {
      await login.close();
    }
  },
};
