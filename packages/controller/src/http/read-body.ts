import type { Request, RequestHandler, Response } from 'express';
import { toControllerError } from '../controller-error.ts';
import { fromBodyParser } from './answer.ts';

/** Runs a body parser once the caller is known: nobody else makes us buffer megabytes. */
export async function readBody(parser: RequestHandler, request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    void parser(request, response, (error?: unknown) =>
      error === undefined ? resolve() : reject(toControllerError(fromBodyParser(error))),
    );
  });
}
