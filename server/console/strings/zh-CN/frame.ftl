# 工作台的文字。每个文件与 en 中同名文件逐条对应。

brand = 家门口
page-title = { $title } — 家门口
desk = 工作台
to-desk = 回到工作台
skip = 跳到正文
other-language = English
sign-out = 退出
choose = 请选择
and-separator = 、
places = 工作台各处
place-inbox = 待办
place-conflicts = 分歧
place-cases = 诉求
place-supervision = 督查
place-admin = 管理

