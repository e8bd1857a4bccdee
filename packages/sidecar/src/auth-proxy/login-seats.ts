/** How many requests of people who log in are served side by side: nobody has identified them. */
export interface LoginSeats {
  /** False: there is no room. Otherwise `leave` must follow. */
  take(): boolean;
  leave(): void;
}

/** A pod's users log in now and then; a flood of strangers must hold neither memory nor the controller. */
export const loginSeats = 32;

export function createLoginSeats(max: number): LoginSeats {
  let taken = 0;
  return {
    take() {
      if (taken >= max) return false;
      taken += 1;
      return true;
    },
    leave() {
      taken -= 1;
    },
  };
}
