/** Output schemas of tools, as the server's `tools/list` answers gave them: a client checks results against them. */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { preparePatterns } from '@tachograph/masking';
import { isJsonObject, type JsonObject } from '@tachograph/protocol';

export interface OutputSchemas {
  /** Keeps the schemas of one `tools/list` result. */
  learn(session: string | undefined, result: JsonObject): void;
  /** The session's, else the newest that any session was given. */
  of(session: string | undefined, tool: string): unknown;
}

interface Kept {
  readonly digest: string;
  readonly schema: JsonObject;
}

const rememberedTools = 5_000;
/** UTF-16 units of all schemas together. */
const rememberedLength = 4 * 1024 * 1024;

/** Equal schemas are kept once, however many sessions list them. */
export function createOutputSchemas(): OutputSchemas {
  const byDigest = new LRUCache<string, Kept>({ maxSize: rememberedLength });
  const byTool = new LRUCache<string, Kept>({ max: rememberedTools });
  const bySchema = new WeakMap<JsonObject, Kept>();
  const keep = (schema: JsonObject): Kept => bySchema.get(schema) ?? keepNew(schema);
  const keepNew = (schema: JsonObject): Kept => {
    const text = JSON.stringify(schema);
    const digest = hash('sha256', text);
    const known = byDigest.get(digest);
    if (known !== undefined) {
      bySchema.set(schema, known);
      return known;
    }
    const kept = { digest, schema };
    void preparePatterns(schema);
    bySchema.set(schema, kept);
    byDigest.set(digest, kept, { size: text.length });
    return kept;
  };
  return {
    learn(session, { tools }) {
      for (const tool of Array.isArray(tools) ? tools.filter(isJsonObject) : []) {
        const { name, outputSchema } = tool;
        if (typeof name !== 'string') continue;
        const kept = isJsonObject(outputSchema) ? keep(outputSchema) : undefined;
        for (const key of keysOf(session, name)) {
          if (kept === undefined) byTool.delete(key);
          else byTool.set(key, kept);
        }
      }
    },
    of(session, tool) {
      for (const key of keysOf(session, tool)) {
        const kept = byTool.get(key);
        if (kept !== undefined) return kept.schema;
      }
      return undefined;
    },
  };
}

function keysOf(session: string | undefined, tool: string): readonly string[] {
  return session === undefined ? [`\n${tool}`] : [`${session}\n${tool}`, `\n${tool}`];
}
