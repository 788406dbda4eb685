/* How long the network in article.h takes for one image, at best; see c_header.cpp. */
#include <stdio.h>
#include <time.h>

#include "article.h"

int main(void)
{
    static float x[ARTICLE_INPUT_SIZE], y[ARTICLE_OUTPUT_SIZE];
    double best = 1e9;
    int i, round;
    for (i = 0; i < ARTICLE_INPUT_SIZE; ++i)
        x[i] = (float)(i % 255) / 255;
    for (round = 0; round < 50; ++round) {
        const clock_t start = clock();
        for (i = 0; i < 50; ++i)
            article_predict(x, y);
        if ((double)(clock() - start) < best * 50 * CLOCKS_PER_SEC)
            best = (double)(clock() - start) / CLOCKS_PER_SEC / 50;
    }
    printf("header: %.1f us\n", 1e6 * best);
    return 0;
}
