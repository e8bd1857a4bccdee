/** Logs in, refreshes, reuses, errs and logs in by a metadata document, as a program: prints the statuses and nothing else. */
import {
  authorizationUrl,
  createBrowser,
  createInstallation,
  getCode,
  logIn,
  openSite,
  redirectUri,
  refreshRequest,
  search,
  tokenRequest,
} from './auth-fixture.test-support.ts';
import { openDocumentServer } from './document-server.test-support.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

const documents = await openDocumentServer((_request, response) => {
  response.end(JSON.stringify({ client_id: `${documents.origin}/c`, redirect_uris: ['http://localhost/callback'] }));
});
const fetchDocument = createGuardedFetch({
  resolve: async () => ['127.0.0.1'],
  isAllowedAddress: () => true,
  ca: documents.ca,
});
const server = createInstallation().createReplica({ fetchDocument });
const site = await openSite(search, () => server);
const { client, refresh } = await logIn(site, search);
const statuses = [200];
statuses.push((await refreshRequest(site, search, client, refresh)).status);
statuses.push((await refreshRequest(site, search, client, refresh)).status);
const unknown = authorizationUrl(site, search, { ...client, clientId: 'nobody' });
statuses.push((await createBrowser().open(unknown.url)).status);
const { parameters } = await getCode(site, search, { clientId: `${documents.origin}/c`, redirectUri });
statuses.push((await tokenRequest(site, search, parameters)).status);
process.stdout.write(`${statuses.join(' ')}\n`);
site.close();
documents.close();
