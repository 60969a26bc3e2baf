"""One turn of the Python program `pshmem` on a directory of tasks, for the test beside this file: takes `count` tasks, finishes some of them."""

import sys

from mpi4py import MPI
from pshmem import MPIBatch

root, names, count = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
batch = MPIBatch(MPI.COMM_WORLD, 1, len(names), task_fs_root=root, task_fs_names=names)
taken = []
for turn in range(count):
    task = batch.next_task()
    if task is None:
        break
    taken.append(task)
    # Every fourth is left as it is: the program dies with it.
    if turn % 4 != 3:
        batch.set_task_state(task, (batch.DONE, batch.DONE, batch.FAILED)[turn % 4])
states = [batch.get_task_state(task) for task in range(len(names))]
print("taken", *taken)
print("states", *states)
batch.close()
