// SPDX-License-Identifier: Apache-2.0
// processes CASE: fork, fork-works FILE, tree, vfork, storm, exec PROGRAM, exec-fails, spawn PROGRAM, thread-exits, detached,
// segv, abort, kill, term, child-killed, threads-fork, orphan, main-exits, forever, stubborn.
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static volatile unsigned long sink;

static void work(unsigned long n)
{
    for (unsigned long i = 0; i < n; i++)
        sink += i;
}

static int reap(pid_t pid)
{
    int status;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void tree(int depth)
{
    if (depth == 0)
        return;
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            work(500);
            tree(depth - 1);
            exit(depth);
        }
    }
    for (int i = 0; i < 2; i++)
        CHECK(reap(children[i]) == depth);
}

static void *exits(void *unused)
{
    (void)unused;
    work(1000);
    exit(7);
}

static void *outlives(void *unused)
{
    (void)unused;
    work(2000000);
    exit(9);
}

static void *waits(void *unused)
{
    pause();
    return unused;
}

static void *nothing(void *unused)
{
    return unused;
}

static void *forks(void *unused)
{
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        work(300);
        CHECK(pthread_create(&thread, NULL, nothing, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        _exit(4);
    }
    CHECK(reap(pid) == 4);
    return unused;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "fork";
    extern char **environ;
    pthread_t thread;
    work(1000);
    if (!strcmp(what, "fork")) {
        pid_t pid = fork();
        if (pid == 0) {
            work(2000);
            _exit(3);
        }
        work(3000);
        CHECK(reap(pid) == 3);
    } else if (!strcmp(what, "fork-works")) {
        // Both until somebody makes the file.
        CHECK(argc > 2);
        pid_t pid = fork();
        while (access(argv[2], F_OK))
            work(1000000);
        if (pid == 0)
            _exit(3);
        CHECK(reap(pid) == 3);
    } else if (!strcmp(what, "tree")) {
        tree(3); // 2 + 4 + 8 children
    } else if (!strcmp(what, "vfork")) {
        for (volatile int i = 0; i < 20; i++) {
            pid_t pid = vfork();
            if (pid == 0)
                _exit(5);
            CHECK(reap(pid) == 5);
        }
    } else if (!strcmp(what, "storm")) {
        int count = argc > 2 ? atoi(argv[2]) : 200;
        for (int i = 0; i < count; i++) {
            pid_t pid = fork();
            CHECK(pid >= 0);
            if (pid == 0) {
                work(100);
                _exit(i & 63);
            }
            if (i % 20 == 19)
                while (wait(NULL) > 0)
                    ;
        }
        while (wait(NULL) > 0)
            ;
    } else if (!strcmp(what, "exec")) {
        CHECK(argc > 2);
        execv(argv[2], argv + 2);
        return 98;
    } else if (!strcmp(what, "exec-fails")) {
        CHECK(execl("/nonexistent", "nonexistent", NULL) == -1);
        work(1000);
    } else if (!strcmp(what, "spawn")) {
        CHECK(argc > 2);
        for (int i = 0; i < 3; i++) {
            pid_t pid;
            CHECK(posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, environ) == 0);
            reap(pid);
        }
    } else if (!strcmp(what, "thread-exits")) {
        CHECK(pthread_create(&thread, NULL, waits, NULL) == 0);
        CHECK(pthread_create(&thread, NULL, exits, NULL) == 0);
        pthread_join(thread, NULL);
    } else if (!strcmp(what, "main-exits")) {
        // In a child and then in the first process: the first thread ends, another one goes on.
        pid_t pid = fork();
        CHECK(pid == 0 || reap(pid) == 9);
        CHECK(pthread_create(&thread, NULL, outlives, NULL) == 0);
        pthread_exit(NULL);
    } else if (!strcmp(what, "threads-fork")) {
        for (int i = 0; i < 10; i++) {
            CHECK(pthread_create(&thread, NULL, forks, NULL) == 0);
            CHECK(pthread_join(thread, NULL) == 0);
        }
    } else if (!strcmp(what, "orphan")) {
        // The child outlives its parent.
        if (fork() == 0) {
            while (getppid() != 1 && sink < 2000000)
                work(1000);
            _exit(0);
        }
        _exit(6);
    } else if (!strcmp(what, "segv")) {
        *(volatile int *)(uintptr_t)(argc - 2) = 1;
    } else if (!strcmp(what, "abort")) {
        abort();
    } else if (!strcmp(what, "kill")) {
        kill(getpid(), SIGKILL);
    } else if (!strcmp(what, "term")) {
        raise(SIGTERM);
    } else if (!strcmp(what, "child-killed")) {
        pid_t pid = fork();
        if (pid == 0) {
            work(2000);
            kill(getpid(), SIGKILL);
        }
        CHECK(reap(pid) == 128 + SIGKILL);
    } else if (!strcmp(what, "forever") || !strcmp(what, "stubborn")) {
        if (!strcmp(what, "stubborn"))
            signal(SIGINT, SIG_IGN);
        puts(what);
        fflush(stdout);
        for (;;)
            work(1000);
    } else {
        fprintf(stderr, "processes: no case %s\n", what);
        return 64;
    }
    printf("processes %s: done\n", what);
    return 0;
}
