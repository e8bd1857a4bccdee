import { describe, expect, test } from '@jest/globals';
import { createAnswerRoom, type Pausable, type Seat } from './answer-room.ts';

function enter(room: { enter(answer: Pausable): Seat }) {
  const state = { paused: false };
  const seat = room.enter({
    pause: () => (state.paused = true),
    resume: () => (state.paused = false),
  });
  return { seat, state };
}

describe('answer room', () => {
  test('lets answers be read side by side while there is room', () => {
    const room = createAnswerRoom(100);
    const answers = [enter(room), enter(room), enter(room)];
    for (const { seat } of answers) seat.take(33);
    expect(answers.map(({ state }) => state.paused)).toEqual([false, false, false]);
  });

  test('pauses all but the oldest when there is none', () => {
    const room = createAnswerRoom(100);
    const [first, second, third] = [enter(room), enter(room), enter(room)];
    for (const { seat } of [third, second, first]) seat.take(60);
    expect([first, second, third].map(({ state }) => state.paused)).toEqual([false, true, false]);
    third.seat.take(1);
    expect(third.state.paused).toBe(true);
  });

  test('goes on with the next oldest once one is handed on, though its client reads slowly', () => {
    const room = createAnswerRoom(100);
    const [first, second, third] = [enter(room), enter(room), enter(room)];
    for (const { seat } of [first, second, third]) seat.take(200);
    first.seat.answered();
    expect([second, third].map(({ state }) => state.paused)).toEqual([false, true]);
    second.seat.answered();
    expect(third.state.paused).toBe(false);
  });

  test('gives room back once when an answer is gone, however it ended', () => {
    const room = createAnswerRoom(100);
    const [oldest, gone, waiting] = [enter(room), enter(room), enter(room)];
    gone.seat.take(90);
    waiting.seat.take(20);
    expect(waiting.state.paused).toBe(true);
    gone.seat.leave();
    gone.seat.leave();
    gone.seat.take(1000);
    gone.seat.answered();
    expect(waiting.state.paused).toBe(false);
    waiting.seat.take(81);
    expect(waiting.state.paused).toBe(true);
    oldest.seat.leave();
    expect(waiting.state.paused).toBe(false);
  });
});
