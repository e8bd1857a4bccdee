import { describe, expect, test } from '@jest/globals';
import { createTextScanner } from '../scan/text-scanner.ts';
import { kubernetesSecretDetector } from './kubernetes-secret.ts';

const scanner = createTextScanner([kubernetesSecretDetector]);
const find = (...lines: readonly string[]): readonly string[] => {
  const text = lines.join('\n');
  return scanner.find(text, 0, text.length).map(({ start, end }) => text.slice(start, end));
};

describe('a Secret in YAML', () => {
  test('loses the values of data and keeps their names', () => {
    expect(
      find('kind: Secret', 'data:', '  a: cXdlcnR5MTIzNA==', '  # note', '  b: "YXNkZmdoamtsOTg="', 'type: Opaque'),
    ).toEqual(['cXdlcnR5MTIzNA==', 'YXNkZmdoamtsOTg=']);
  });

  test('may say its kind at the end', () => {
    expect(find('data:', '\textra: cXdlcnR5MTIzNA==', "kind: 'secret'")).toEqual(['cXdlcnR5MTIzNA==']);
  });

  test('loses values in blocks and plain ones of stringData', () => {
    expect(
      find('kind: Secret', 'data:', '  .cfg: |', '    cXdlcnR5MTIzNA==', 'stringData:', '  user: hunter2'),
    ).toEqual(['cXdlcnR5MTIzNA==', 'hunter2']);
  });

  test.each([
    [['kind: ConfigMap', 'data:', '  a: cXdlcnR5MTIzNA==']],
    [['kind: ExternalSecret', 'data:', '  a: cXdlcnR5MTIzNA==']],
    [['kind: Secret', '---', 'data:', '  a: cXdlcnR5MTIzNA==']],
    [['kind: Secret', 'data:', '  a: YmFyCg==', '  b: ""', '  c: {{ .Values.c }}']],
    [['kind: Secret', 'metadata:', '  name: cXdlcnR5MTIzNA']],
    [['kind: Secret', 'stringData:', '  a: [REDACTED:kubernetes-secret]']],
  ])('is not %j', (lines) => {
    expect(find(...lines)).toEqual([]);
  });
});
