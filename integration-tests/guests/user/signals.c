// SPDX-License-Identifier: Apache-2.0
// Signals: handlers that return by sigreturn, a nested one on an alternate stack, a timer that interrupts a loop and a
// blocking read (which QEMU issues again), and signals from another thread.
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t outer, inner, ticks, usr;
static int pipes[2];

static void on_inner(int s)
{
    (void)s;
    inner++;
}

static void on_outer(int s)
{
    (void)s;
    outer++;
    raise(SIGUSR2);
}

static void on_tick(int s)
{
    (void)s;
    if (++ticks == 20)
        CHECK(write(pipes[1], "x", 1) == 1);
}

static void on_usr(int s)
{
    (void)s;
    usr++;
}

static void *sender(void *to)
{
    for (int i = 0; i < 50; i++) {
        pthread_kill(*(pthread_t *)to, SIGRTMIN + 2);
        usleep(200);
    }
    return NULL;
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    CHECK(sigaction(number, &action, NULL) == 0);
}

int main(void)
{
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    CHECK(sigaltstack(&alternate, NULL) == 0);
    handle(SIGUSR1, on_outer, 0);
    handle(SIGUSR2, on_inner, SA_ONSTACK);
    handle(SIGALRM, on_tick, SA_RESTART);
    handle(SIGRTMIN + 2, on_usr, SA_RESTART);
    for (int i = 0; i < 200; i++)
        raise(SIGUSR1);
    CHECK(outer == 200 && inner == 200);

    CHECK(pipe(pipes) == 0);
    struct itimerval timer = {{0, 2000}, {0, 2000}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    volatile unsigned long x = 0;
    while (ticks < 10)
        x++;
    char c;
    CHECK(read(pipes[0], &c, 1) == 1); // interrupted about 10 times and restarted
    timer = (struct itimerval){{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);

    pthread_t self = pthread_self(), thread;
    CHECK(pthread_create(&thread, NULL, sender, &self) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(usr > 0);
    puts("signals: done");
    return 0;
}
