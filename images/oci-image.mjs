// Makes an OCI image archive from layer tars, without a container engine. The same input gives the same digest.
//
//   node images/oci-image.mjs --name NAME:TAG --out FILE.tar --config JSON --layer FILE.tar [--layer FILE.tar ...]
//
// The archive is an OCI image layout in one tar: oci-layout, index.json, blobs/sha256/. Layers stay uncompressed:
// containerd on the same machine unpacks them faster. Prints the manifest's digest.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  linkSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const MEDIA_TYPE = 'application/vnd.oci.image';
const PLATFORM = { architecture: 'amd64', os: 'linux' };

const { values: options } = parseArgs({
  options: {
    name: { type: 'string' },
    out: { type: 'string' },
    config: { type: 'string' },
    layer: { type: 'string', multiple: true },
  },
});
for (const required of ['name', 'out', 'config', 'layer']) {
  if (options[required] === undefined) throw new Error(`missing --${required}`);
}

const out = resolve(options.out);
mkdirSync(dirname(out), { recursive: true });
// Beside the result: layers are linked, not copied, and the last step is a rename within one file system.
const work = mkdtempSync(`${out}.`);
const blobs = join(work, 'blobs/sha256');
mkdirSync(blobs, { recursive: true });

async function sha256OfFile(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

async function addLayer(path) {
  const digest = await sha256OfFile(path);
  linkOrCopy(path, join(blobs, digest));
  return { mediaType: `${MEDIA_TYPE}.layer.v1.tar`, digest: `sha256:${digest}`, size: statSync(path).size };
}

function addJson(kind, value) {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(blobs, digest), bytes);
  return { mediaType: `${MEDIA_TYPE}.${kind}.v1+json`, digest: `sha256:${digest}`, size: bytes.length };
}

function writeIndex(manifest) {
  const annotations = {
    // containerd's import names the image by the first, other tools by the second.
    'io.containerd.image.name': options.name,
    'org.opencontainers.image.ref.name': options.name.slice(options.name.lastIndexOf(':') + 1),
  };
  const index = {
    schemaVersion: 2,
    mediaType: `${MEDIA_TYPE}.index.v1+json`,
    manifests: [{ ...manifest, platform: PLATFORM, annotations }],
  };
  writeFileSync(join(work, 'index.json'), JSON.stringify(index));
  writeFileSync(join(work, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

try {
  const layers = [];
  for (const path of options.layer) layers.push(await addLayer(path));
  const config = addJson('config', {
    ...PLATFORM,
    config: JSON.parse(options.config),
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  });
  const manifest = addJson('manifest', {
    schemaVersion: 2,
    mediaType: `${MEDIA_TYPE}.manifest.v1+json`,
    config,
    layers,
  });
  writeIndex(manifest);
  const archive = join(work, 'archive.tar');
  const stable = [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
    '--hard-dereference',
  ];
  execFileSync('tar', [...stable, '-C', work, '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
  renameSync(archive, out);
  console.log(manifest.digest);
} finally {
  rmSync(work, { recursive: true, force: true });
}
