/** The guards of commands: one text in, one judgement out. */
import type { GuardKind, Judgement } from './guard-verdict.ts';
import { opaqueJudgement } from './guard-verdict.ts';
import { judgeShellText, judgeShellWords, type ParseShell } from './judge-shell.ts';
import { judgeSql, unparsedReason } from './judge-sql.ts';
import { dialectOf, type Grammar } from './sql-dialect.ts';
import { loadGrammar, loadPg, type Accepts } from './sql-parsers.ts';
import type { PgParser } from './pg-context.ts';

/** One text to judge. */
export interface GuardJob {
  readonly kind: GuardKind;
  /** Of `shell`, a list is the words of one command, as `execve` would get them: nothing in them is expanded. */
  readonly text: string | readonly string[];
  /** Of `sql`: the database, by one of its usual names. Without one, the text is judged under each that may run it. */
  readonly dialect?: string | undefined;
  /** Nobody said that it is SQL: what no grammar accepts is none. */
  readonly isSniffed?: boolean | undefined;
}

/** The judges of commands. */
export interface Guards {
  /** Loads what the job's kind and dialect need; at once if it is there. */
  prepare(job: GuardJob): Promise<void>;
  /** Judges; never throws on account of the text. What `prepare` did not load counts as refusing the text. */
  judge(job: GuardJob): Judgement;
}

/** Nothing is loaded before it is asked for: the parsers take 40 MB. */
export function createGuards(): Guards {
  const grammars: Partial<Record<Grammar, Accepts>> = {};
  let pg: PgParser | undefined;
  let parseShell: ParseShell | undefined;
  return {
    prepare: async ({ kind, dialect }) => {
      if (kind === 'shell') {
        parseShell ??= (await import('unbash')).parse;
        return;
      }
      pg ??= await loadPg();
      for (const grammar of dialectOf(dialect).grammars) grammars[grammar] ??= await loadGrammar(grammar);
    },
    judge: (job) => {
      if (job.kind === 'shell') return judgeShellJob(job, parseShell);
      const text = typeof job.text === 'string' ? job.text : job.text.join('\n');
      if (pg === undefined) return notLoaded;
      const judgement = judgeSql(text, dialectOf(job.dialect), { pg, grammars });
      return job.isSniffed === true && judgement.reasons.includes(unparsedReason) ? noSql : judgement;
    },
  };
}

const noSql: Judgement = { verdict: 'read', verdicts: ['read'], reasons: [] };
const notLoaded = opaqueJudgement('the guard is not ready');

function judgeShellJob({ text }: GuardJob, parse: ParseShell | undefined): Judgement {
  if (parse === undefined) return notLoaded;
  return typeof text === 'string' ? judgeShellText(text, parse) : judgeShellWords(text, parse);
}
